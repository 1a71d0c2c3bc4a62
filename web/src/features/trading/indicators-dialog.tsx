import { Plus, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { CATALOGUE, type Indicator, KINDS, nameOf, newIndicator } from "./indicators/catalogue";
import { MOST_INDICATORS } from "./settings";

/** Chooses what is drawn besides the prices. Everything holds at once. */
export function IndicatorsDialog({
  open,
  onOpenChange,
  symbol,
  indicators,
  onChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  symbol: string;
  indicators: readonly Indicator[];
  onChange: (indicators: readonly Indicator[]) => void;
}) {
  const set = (at: number, number: number, value: number) =>
    onChange(
      indicators.map((each, place) =>
        place === at
          ? { ...each, settings: each.settings.map((old, i) => (i === number ? value : old)) }
          : each,
      ),
    );
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={`Indicators of ${symbol}`}>
      <ul className="grid gap-2">
        {indicators.length === 0 && <li className="text-quiet">None yet.</li>}
        {indicators.map((indicator, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the same indicator may be there twice
            key={at}
            className="flex items-end gap-2 rounded-md border border-line p-2"
          >
            <span className="min-w-0 flex-1 self-center font-medium">
              {CATALOGUE[indicator.kind].title}
            </span>
            {CATALOGUE[indicator.kind].settings.map((setting, number) => (
              <Field key={setting.title} label={setting.title} className="w-24">
                {(attributes) => (
                  <Input
                    {...attributes}
                    type="number"
                    inputMode="decimal"
                    min={setting.min}
                    max={setting.max}
                    step={setting.step}
                    defaultValue={indicator.settings[number]}
                    onChange={({ target }) => {
                      if (target.validity.valid && target.value !== "") {
                        set(at, number, target.valueAsNumber);
                      }
                    }}
                  />
                )}
              </Field>
            ))}
            <Button
              kind="ghost"
              size="icon"
              aria-label={`Remove ${nameOf(indicator)}`}
              onClick={() => onChange(indicators.filter((_, place) => place !== at))}
            >
              <X />
            </Button>
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-1.5">
        {KINDS.map((kind) => (
          <Button
            key={kind}
            size="small"
            disabled={indicators.length >= MOST_INDICATORS}
            onClick={() => onChange([...indicators, newIndicator(kind)])}
          >
            <Plus /> {CATALOGUE[kind].title}
          </Button>
        ))}
      </div>
    </Dialog>
  );
}
