/** Print what the first load costs, and fail where it is more than we promise. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const LIMIT = 250_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));

/** The files that `key` needs before anything of it runs. */
function needed(key, files = new Set()) {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) needed(next, files);
  return files;
}

async function size(files) {
  let sum = 0;
  for (const file of files) sum += gzipSync(await readFile(new URL(file, dist))).length;
  return sum;
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
const entry = needed("index.html");
const first = await size(entry);
console.log(`${kilobytes(first)} gzip  first load (limit ${LIMIT / 1000} kB)`);
const pages = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry);
for (const key of pages) {
  const own = [...needed(key)].filter((file) => !entry.has(file));
  console.log(`${kilobytes(await size(own))} gzip  ${key}`);
}
if (first > LIMIT) {
  console.error(`The first load is more than ${LIMIT} bytes`);
  process.exit(1);
}
