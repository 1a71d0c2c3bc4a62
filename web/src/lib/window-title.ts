let page = "";
let mode = "";

/** The page in the title of the window, after the mode: seen in the list of tabs, too. */
export function namePage(title: string): void {
  page = title;
  show();
}

/** `PAPER`, `LIVE`, or nothing where nobody is logged in. */
export function nameMode(word: string): void {
  mode = word;
  show();
}

function show(): void {
  document.title = [mode, page, "OpenAlgo"].filter(Boolean).join(" · ");
}
