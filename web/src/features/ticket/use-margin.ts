import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { MarginPosition } from "@/client";
import { numberOf } from "@/lib/numbers";
import { useAccountKey } from "../accounts/queries";
import { freeMoney } from "../dashboard/free-money";
import { fundsQuery } from "../dashboard/queries";
import { marginQuery } from "./queries";

const SETTLED = 350;

export interface MarginPreview {
  required: number | null;
  available: number | null;
  left: number | null;
  /** Why something of it is not known. */
  why: string | null;
  /** The figures are still those of the question before. */
  busy: boolean;
}

/**
 * What the order would block, asked for once typing has paused; `null` while it is not complete.
 *
 * A new question takes the place of one that is still under way.
 */
export function useMargin(position: MarginPosition | null): MarginPreview {
  const key = useAccountKey();
  const wanted = position === null ? null : JSON.stringify(position);
  const question = useSettled(wanted);
  const asked: MarginPosition | null = question === null ? null : JSON.parse(question);
  const need = useQuery({ ...marginQuery(key, asked), placeholderData: keepPreviousData });
  const funds = useQuery(fundsQuery(key));
  const required = position === null ? null : numberOf(need.data?.total_margin_required);
  const available = freeMoney(funds.data);
  return {
    required,
    available,
    left: required === null || available === null ? null : available - required,
    why:
      position === null
        ? "Known once the order is complete"
        : (need.error?.message ?? funds.error?.message ?? null),
    busy: position !== null && (need.isFetching || question !== wanted),
  };
}

function useSettled(value: string | null): string | null {
  const [settled, settle] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), SETTLED);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
