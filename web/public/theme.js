// Before anything is drawn, so that the page does not flash: in the theme this browser saw last.
// What the user chose is with the server; src/app/theme.ts draws that once it is known.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("openalgo.theme");
  } catch {
    // the browser keeps nothing for us, by its user's choice
  }
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = theme === "dark" || (theme !== "light" && systemIsDark);
  document.documentElement.classList.toggle("dark", dark);
})();
