const RELOADED_AT = "openalgo.reloaded-at";
const AGAIN_AFTER = 60_000;

/**
 * The server keeps the parts of a page for one release more; of an older page they are gone. Then the
 * new page is loaded, once a minute at most.
 */
export function reloadAfterUpdate(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
    if (Date.now() - last < AGAIN_AFTER) return;
    event.preventDefault();
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    window.location.reload();
  });
}
