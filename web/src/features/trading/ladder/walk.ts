/** Moves between the cells by arrow keys, and past the edge by moving the prices. */
export function walk(event: React.KeyboardEvent, move: (rows: number) => void): boolean {
  const button = event.target instanceof HTMLElement ? event.target.closest("button") : null;
  const row = button?.closest("tr");
  if (!button || !row) return false;
  const column = [...row.querySelectorAll("button")].indexOf(button);
  const to = (next: Element | null, at: number) => {
    event.preventDefault();
    (next?.querySelectorAll("button")[at] as HTMLElement | undefined)?.focus();
    return true;
  };
  if (event.key === "ArrowLeft") return to(row, 0);
  if (event.key === "ArrowRight") return to(row, 1);
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
  const up = event.key === "ArrowUp";
  const next = up ? row.previousElementSibling : row.nextElementSibling;
  if (next === null) move(up ? 1 : -1);
  return to(next ?? row, column);
}
