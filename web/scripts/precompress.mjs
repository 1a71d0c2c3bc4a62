/** Put a .br and a .gz next to every file of dist that gets smaller by it. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;
const TEXT = /\.(js|css|html|svg|json|txt|webmanifest)$/;
const SMALLEST = 1024;

for (const name of await readdir(DIST, { recursive: true })) {
  const path = join(DIST, name);
  if (!TEXT.test(name) || !(await stat(path)).isFile()) continue;
  const content = await readFile(path);
  if (content.length < SMALLEST) continue;
  const packed = {
    br: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    gz: gzipSync(content, { level: 9 }),
  };
  for (const [kind, bytes] of Object.entries(packed)) {
    if (bytes.length < content.length) await writeFile(`${path}.${kind}`, bytes);
  }
}
