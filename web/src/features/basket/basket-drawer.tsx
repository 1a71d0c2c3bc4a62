import { ShoppingBasket, X } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/dialog";
import { SkeletonRows } from "@/components/ui/states";
import { useMedia } from "@/lib/media";
import { useStore } from "@/lib/store";
import { useAccount } from "../accounts/queries";
import { basket, basketIsOpen, showBasketOf } from "./basket";

const BasketPanel = lazy(() =>
  import("./basket-panel").then(({ BasketPanel }) => ({ default: BasketPanel })),
);

/** There is room for the basket beside the page. */
const WIDE = "(min-width: 1280px)";

/** Whether the basket stands beside the page, which gets narrower then. */
export function useBasketBeside(): boolean {
  const wide = useMedia(WIDE);
  return useStore(basketIsOpen) && wide;
}

export function BasketButton() {
  const account = useAccount()?.id;
  const open = useStore(basketIsOpen);
  const { legs, attempt } = useStore(basket);
  useEffect(() => (account === undefined ? undefined : showBasketOf(account)), [account]);
  return (
    <Button
      kind="ghost"
      className="relative max-lg:size-9 max-lg:px-0"
      aria-expanded={open}
      onClick={() => basketIsOpen.set(!open)}
    >
      <ShoppingBasket />
      <span className="max-lg:sr-only">Basket</span>
      {legs.length > 0 && (
        <Badge
          tone={attempt && !attempt.sending ? "warn" : "accent"}
          className="max-lg:absolute max-lg:-top-0.5 max-lg:-right-0.5 max-lg:px-1 max-lg:py-0"
        >
          {legs.length}
          <span className="sr-only">{legs.length === 1 ? " leg" : " legs"}</span>
        </Badge>
      )}
    </Button>
  );
}

/** Beside the page where there is room, so that the chain stays in reach; else over it. */
export function BasketDrawer() {
  const open = useStore(basketIsOpen);
  const beside = useBasketBeside();
  const panel = (
    <Suspense fallback={<SkeletonRows rows={4} />}>
      <BasketPanel />
    </Suspense>
  );
  if (beside) {
    return (
      <aside
        aria-label="Basket"
        className="sticky top-0 flex h-dvh flex-col overflow-y-auto border-l border-line bg-surface pt-[3px]"
      >
        <header className="flex min-h-[53px] items-center justify-between border-b border-line px-3">
          <h2 className="font-semibold">Basket</h2>
          <Button
            kind="ghost"
            size="icon"
            aria-label="Close the basket"
            onClick={() => basketIsOpen.set(false)}
          >
            <X />
          </Button>
        </header>
        {panel}
      </aside>
    );
  }
  return (
    <Sheet open={open} onOpenChange={basketIsOpen.set} title="Basket">
      <div className="-mx-5 -mb-5 flex flex-1 flex-col">{panel}</div>
    </Sheet>
  );
}
