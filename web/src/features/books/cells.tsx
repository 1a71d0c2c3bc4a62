import { Badge } from "@/components/ui/badge";
import { Segments } from "@/components/ui/segments";

export function SymbolName({ symbol, exchange }: { symbol: string; exchange: string }) {
  return (
    <>
      <span className="font-medium">{symbol}</span>{" "}
      <span className="text-xs text-quiet">{exchange}</span>
    </>
  );
}

export function Side({ action }: { action: string }) {
  return <Badge tone={action === "SELL" ? "loss" : "accent"}>{action}</Badge>;
}

/** How many buy and sell; press to see only those. */
export function Sides({
  rows,
  value,
  onChange,
}: {
  rows: readonly { action: string }[];
  value: string;
  onChange: (value: string) => void;
}) {
  const count = (action: string) => rows.filter((row) => row.action === action).length;
  return (
    <Segments
      label="Side"
      optional
      value={value}
      onChange={onChange}
      segments={[
        { value: "BUY", title: "Buy", count: count("BUY") },
        { value: "SELL", title: "Sell", count: count("SELL") },
      ]}
    />
  );
}
