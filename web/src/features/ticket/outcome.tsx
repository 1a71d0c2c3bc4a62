import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { ApiError, OUTCOME_UNKNOWN } from "@/api";
import { Button } from "@/components/ui/button";
import type { Contract } from "./contract";
import { Line, OrderLines, SEARCHED } from "./order-lines";
import type { Sending } from "./use-sending";

/** In place of the form once the ticket was sent: what became of it, and what to do next. */
export function Outcome({
  sending,
  contract,
  title,
  modifies,
  onAgain,
  onClose,
}: {
  sending: Sending;
  contract: Contract;
  /** What was sent. */
  title: string;
  modifies: boolean;
  onAgain: () => void;
  onClose: () => void;
}) {
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => next.current?.focus(), []);
  const searched =
    !modifies && sending.error instanceof ApiError && sending.error.code === OUTCOME_UNKNOWN;
  return (
    <div className="grid content-start gap-3 overflow-y-auto p-3">
      <h2 className="font-semibold">{title}</h2>
      <div role="status" className="grid gap-2">
        {sending.unknown ? (
          <Line
            Icon={TriangleAlert}
            tone="bad"
            title={`Nobody knows yet whether this was ${modifies ? "changed" : "placed"}`}
          >
            <p>{sending.error?.message}</p>
            <p className="mt-1">
              {searched ? (
                SEARCHED
              ) : (
                <>
                  It may have arrived. Look at the{" "}
                  <Link to="/orderbook" className="underline">
                    orderbook
                  </Link>{" "}
                  before anything else.
                </>
              )}
              {!modifies &&
                " Sent once more from here, unchanged, it cannot become a second order."}
            </p>
          </Line>
        ) : (
          sending.sent && (
            <OrderLines sent={sending.sent} contract={contract} onFound={sending.found} />
          )
        )}
      </div>
      <div className="grid grid-cols-2 gap-2">
        <Button ref={next} onClick={onAgain}>
          {sending.unknown ? "Back to the form" : "Another"}
        </Button>
        <Button onClick={onClose}>Close</Button>
      </div>
    </div>
  );
}
