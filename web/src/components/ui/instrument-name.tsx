/** The same symbol may be traded at more than one exchange. */
export function InstrumentName({ symbol, exchange }: { symbol: string; exchange: string }) {
  return (
    <>
      <span className="font-medium">{symbol}</span>{" "}
      <span className="text-xs font-normal text-quiet">{exchange}</span>
    </>
  );
}
