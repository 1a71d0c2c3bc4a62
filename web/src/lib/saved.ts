/** What this browser needs before it can ask the server; choices of the user go to `preferences.ts`. */

export function savedChoice(name: string): string | null {
  try {
    return localStorage.getItem(`openalgo.${name}`);
  } catch {
    return null; // the browser keeps nothing for us, by its user's choice
  }
}

export function saveChoice(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`openalgo.${name}`);
    else localStorage.setItem(`openalgo.${name}`, value);
  } catch {
    // then it lasts as long as the page
  }
}
