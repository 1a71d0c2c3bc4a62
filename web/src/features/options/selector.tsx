import { useQuery } from "@tanstack/react-query";
import { Field, Select } from "@/components/ui/field";
import { ErrorLine } from "@/components/ui/states";
import { useStore } from "@/lib/store";
import { useAccountKey } from "../accounts/queries";
import { type ChainOf, exchangesQuery, expiriesQuery, underlyingsQuery } from "./queries";
import {
  chooseOptions,
  grouped,
  indicesFirst,
  listedOr,
  OPTION_EXCHANGES,
  optionChoice,
  STRIKE_COUNTS,
} from "./selection";

export interface Selection {
  /** The options that are meant; `undefined` until it is known which there are. */
  of: ChainOf | undefined;
  exchanges: readonly string[];
  underlyings: readonly string[];
  expiries: readonly string[];
  error: Error | null;
  /** Whether everything is known, and there are no options at all. */
  nothing: boolean;
}

/** What the user chose, as far as it is listed; a page and its selector share it. */
export function useSelection(): Selection {
  const key = useAccountKey();
  const choice = useStore(optionChoice);
  const has = useQuery(exchangesQuery(key));
  const exchanges = OPTION_EXCHANGES.filter((each) => has.data?.includes(each));
  const exchange = listedOr(choice.exchange, exchanges);
  const listed = useQuery(underlyingsQuery(key, exchange));
  const underlyings = indicesFirst(listed.data ?? []);
  const underlying = listedOr(choice.underlying, underlyings);
  const days = useQuery(expiriesQuery(key, exchange, underlying));
  const expiries = days.data ?? [];
  const expiry = listedOr(choice.expiry, expiries);
  return {
    of:
      exchange && underlying && expiry
        ? { exchange, underlying, expiry, strikes: choice.strikes }
        : undefined,
    exchanges,
    underlyings,
    expiries,
    error: has.error ?? listed.error ?? days.error,
    nothing:
      (has.isSuccess && exchanges.length === 0) ||
      (listed.isSuccess && underlyings.length === 0) ||
      (days.isSuccess && expiries.length === 0),
  };
}

/** Exchange, underlying, expiry and how many strikes, for every page about options. */
export function OptionSelector({
  selection: { of, exchanges, underlyings, expiries, error },
  withStrikes = true,
}: {
  selection: Selection;
  withStrikes?: boolean;
}) {
  const { strikes } = useStore(optionChoice);
  const { indices, others } = grouped(underlyings);
  return (
    <div className="grid gap-2">
      <div className="grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
        <Field label="Exchange" className="sm:w-24">
          {(attributes) => (
            <Select
              {...attributes}
              value={of?.exchange ?? ""}
              onChange={({ target }) => chooseOptions({ exchange: target.value })}
            >
              {exchanges.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Underlying" className="sm:w-40">
          {(attributes) => (
            <Select
              {...attributes}
              value={of?.underlying ?? ""}
              onChange={({ target }) => chooseOptions({ underlying: target.value })}
            >
              {indices.length > 0 && (
                <optgroup label="Indices">
                  {indices.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </optgroup>
              )}
              <optgroup label="Others">
                {others.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </optgroup>
            </Select>
          )}
        </Field>
        <Field label="Expiry" className="sm:w-40">
          {(attributes) => (
            <Select
              {...attributes}
              value={of?.expiry ?? ""}
              onChange={({ target }) => chooseOptions({ expiry: target.value })}
            >
              {expiries.map((each) => (
                <option key={each} value={each}>
                  {spoken(each)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {withStrikes && (
          <Field label="Strikes" className="sm:w-40">
            {(attributes) => (
              <Select
                {...attributes}
                value={strikes ?? "all"}
                onChange={({ target }) =>
                  chooseOptions({
                    strikes: target.value === "all" ? null : Number(target.value),
                  })
                }
              >
                {STRIKE_COUNTS.map((count) => (
                  <option key={count} value={count}>
                    {count} each side
                  </option>
                ))}
                <option value="all">All</option>
              </Select>
            )}
          </Field>
        )}
      </div>
      <ErrorLine error={error} />
    </div>
  );
}

/** `30DEC25` as `30 Dec 2025`. */
export function spoken(expiry: string): string {
  const [, day, initial, rest, year] = /^(\d{2})([A-Z])([A-Z]{2})(\d{2})$/.exec(expiry) ?? [];
  return day ? `${day} ${initial}${rest?.toLowerCase()} 20${year}` : expiry;
}
