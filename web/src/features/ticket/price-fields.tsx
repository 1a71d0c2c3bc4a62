import type { Contract } from "./contract";
import { NumberField } from "./number-field";
import { type Mistakes, type Terms, type TypedField, triggerSide } from "./terms";

export interface FieldsProps {
  terms: Terms;
  contract: Contract;
  /** Mistakes to show. */
  mistakes: Mistakes;
  ltp: number | null;
  change: (changed: Partial<Terms>) => void;
}

/** The prices that the order needs, and no others. */
export function PriceFields({ fields, ...props }: FieldsProps & { fields: readonly TypedField[] }) {
  const prices = fields.filter((field) => field !== "quantity" && field !== "disclosed");
  if (prices.length === 0) return null;
  return (
    <div className="grid grid-cols-2 gap-2">
      {prices.map((field) => (
        <PriceField key={field} field={field as PriceFieldName} {...props} />
      ))}
    </div>
  );
}

type PriceFieldName = Exclude<TypedField, "quantity" | "disclosed">;

function PriceField({
  field,
  terms,
  contract,
  mistakes,
  ltp,
  change,
}: FieldsProps & { field: PriceFieldName }) {
  const { grid } = contract;
  const value = terms[field];
  const beginning = startOf(field, terms, contract, ltp);
  return (
    <NumberField
      label={labelOf(field, terms)}
      value={value}
      error={mistakes[field]}
      hint={hintOf(field, terms, contract, ltp)}
      placeholder={beginning}
      onChange={(text) => change({ [field]: text })}
      onStep={(steps) =>
        value.trim() === "" && beginning ? beginning : grid.step(value || beginning, steps)
      }
    />
  );
}

/** Where stepping begins in an empty field: at the market, a limit at its trigger. */
function startOf(
  field: PriceFieldName,
  terms: Terms,
  { grid }: Contract,
  ltp: number | null,
): string {
  const market = ltp === null ? "" : grid.snap(ltp);
  if (field === "lowerLimit") return terms.lower || market;
  if (field === "upperLimit") return terms.upper || market;
  if (field === "price" && (terms.kind !== "ORDER" || terms.pricetype === "SL")) {
    return terms.trigger || market;
  }
  return market;
}

function labelOf(field: PriceFieldName, { kind, action }: Terms): string {
  const [stop, target] = action === "SELL" ? ["lower", "upper"] : ["upper", "lower"];
  switch (field) {
    case "price":
      return kind === "ORDER" ? "Price" : "Limit price";
    case "trigger":
      return "Trigger price";
    case stop:
      return "Stop-loss trigger";
    case target:
      return "Target trigger";
    case `${stop}Limit`:
      return "Stop-loss limit";
    default:
      return "Target limit";
  }
}

function hintOf(
  field: PriceFieldName,
  terms: Terms,
  contract: Contract,
  ltp: number | null,
): string | undefined {
  if (field === "lower") return "Sets off at or below";
  if (field === "upper") return "Sets off at or above";
  if (field !== "trigger") return undefined;
  if (terms.kind === "ORDER") {
    return terms.action === "BUY" ? "Sets off at or above" : "Sets off at or below";
  }
  const side = triggerSide(terms, contract, ltp);
  return side ? `Sets off at or ${side}` : undefined;
}
