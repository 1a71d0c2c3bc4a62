/** What server and browser may know of the machine; nothing that would change what they do. */
const KNOWN = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "SYSTEMROOT"];

export function plainEnvironment(): Record<string, string> {
  return Object.fromEntries(
    KNOWN.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
