import type { LimitsRequest, LimitsRow } from "@/client";

export interface LimitField {
  name: Exclude<keyof LimitsRow, "enforce_tick" | "enforce_freeze" | "count_changes">;
  title: string;
  unit: string;
  /** What it refuses, in a sentence. */
  refuses: string;
  decimals: boolean;
}

export const FIELDS: readonly LimitField[] = [
  {
    name: "max_loss_per_day",
    title: "Largest loss in a day",
    unit: "₹",
    refuses: "Refuses whatever opens once so much is lost, realised and open together.",
    decimals: true,
  },
  {
    name: "max_orders_per_day",
    title: "Orders in a day",
    unit: "",
    refuses: "Refuses more orders since 03:00 IST.",
    decimals: false,
  },
  {
    name: "max_notional",
    title: "Value of one order",
    unit: "₹",
    refuses: "Refuses an order worth more; of an option the premium counts.",
    decimals: true,
  },
  {
    name: "max_quantity",
    title: "Units in one order",
    unit: "",
    refuses: "Refuses more shares or contracts in one order.",
    decimals: true,
  },
  {
    name: "price_band_percent",
    title: "Distance from the last price",
    unit: "%",
    refuses: "Refuses a limit price further away: a slip of the finger.",
    decimals: true,
  },
  {
    name: "orders_per_second",
    title: "Orders in a second",
    unit: "per segment",
    refuses: "Refuses more in any second. Above 10, SEBI asks you to register an algorithm.",
    decimals: false,
  },
  {
    name: "kept_for_exits",
    title: "Of these, for exits only",
    unit: "per segment",
    refuses: "So that a flood of entries never stands in the way out.",
    decimals: false,
  },
];

export type Values = Readonly<Record<LimitField["name"], string>> & {
  readonly enforce_tick: Choice;
  readonly enforce_freeze: Choice;
  readonly count_changes: boolean;
};

/** `default` leaves it to the mode: on at a broker, off on paper. */
export type Choice = "default" | "on" | "off";

/** What a form shows for the limits as they were set: empty where there is none. */
export function valuesOf(limits: LimitsRow): Values {
  const numbers = Object.fromEntries(
    FIELDS.map(({ name }) => [name, limits[name] === null ? "" : String(limits[name])]),
  ) as Record<LimitField["name"], string>;
  return {
    ...numbers,
    enforce_tick: choiceOf(limits.enforce_tick),
    enforce_freeze: choiceOf(limits.enforce_freeze),
    count_changes: limits.count_changes,
  };
}

/**
 * What to send, and what is wrong with each field.
 *
 * Only what is no number at all is found here; whether a number will do, the server says.
 */
export function requestOf(values: Values): {
  body: LimitsRequest;
  errors: Partial<Record<LimitField["name"], string>>;
} {
  const errors: Partial<Record<LimitField["name"], string>> = {};
  const numbers: Partial<Record<LimitField["name"], number | null>> = {};
  for (const { name, decimals } of FIELDS) {
    const text = values[name].replace(/[,\s₹%]/g, "");
    if (text === "") {
      numbers[name] = null;
      continue;
    }
    const number = Number(text);
    if (!Number.isFinite(number)) errors[name] = "This is no number.";
    else if (!decimals && !Number.isInteger(number)) errors[name] = "Whole numbers only.";
    else numbers[name] = number;
  }
  return {
    errors,
    body: {
      ...numbers,
      enforce_tick: answerOf(values.enforce_tick),
      enforce_freeze: answerOf(values.enforce_freeze),
      count_changes: values.count_changes,
    },
  };
}

/** How much of a limit is used, in [0, 1]; `null` where there is no limit. */
export function shareOf(used: number, limit: number | null): number | null {
  if (limit === null) return null;
  if (limit <= 0) return 1;
  return Math.min(1, Math.max(0, used / limit));
}

function choiceOf(value: boolean | null): Choice {
  return value === null ? "default" : value ? "on" : "off";
}

function answerOf(choice: Choice): boolean | null {
  return choice === "default" ? null : choice === "on";
}
