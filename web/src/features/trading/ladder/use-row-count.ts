import { type RefObject, useEffect, useState } from "react";

const FEWEST = 9;

/** How many rows of `height` there is room for: an odd number, so that one is the middle; `null` at first. */
export function useRowCount(place: RefObject<HTMLElement | null>, height: number): number | null {
  const [count, setCount] = useState<number | null>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const room = Math.floor(element.clientHeight / height);
      setCount(Math.max(FEWEST, room % 2 === 0 ? room - 1 : room));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [place, height]);
  return count;
}
