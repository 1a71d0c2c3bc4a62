const BUILT = /^\/assets\//;

/** Whether the server has another build than the page whose first script is `own`. */
export function isNewer(served: string | null, own: string | null): boolean {
  // While the server has none, and in development, there is nothing to compare.
  return served !== null && own !== null && BUILT.test(own) && served !== own;
}
