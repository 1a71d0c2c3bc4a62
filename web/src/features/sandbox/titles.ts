const SHORT = new Set("mis cnc nrml nse bse nfo bfo cds bcd mcx nco gtt ltp pnl mtm".split(" "));

/** `equity_mis_leverage` as `Equity MIS leverage`. */
export function titleOf(name: string): string {
  const words = name
    .split("_")
    .map((word) => (SHORT.has(word) ? word.toUpperCase() : word))
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
