/** Whether every word of `text` is in the title or the other words of something. */
export function matches(text: string, { title, words }: { title: string; words: string }): boolean {
  const all = `${title} ${words}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
