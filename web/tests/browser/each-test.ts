import { beforeEach } from "vitest";
import { shot } from "./shot";
import { contexts } from "./stage";

/**
 * The pages a test opens go with it, or they would draw prices for ever; those from before it stay.
 * Of a test that fails there are pictures.
 */
beforeEach(({ task }) => {
  const before = new Set(contexts);
  return async () => {
    if (task.result?.state === "fail") {
      const pages = [...contexts].flatMap((context) => context.pages());
      for (const [number, page] of pages.entries()) {
        await shot(page, `failed-${task.name.replace(/\W+/g, "-")}-${number}`);
      }
    }
    for (const context of contexts) {
      if (before.has(context)) continue;
      contexts.delete(context);
      await context.close();
    }
  };
});
