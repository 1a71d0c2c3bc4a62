import { defineConfig } from "vitest/config";

/** Journeys through the built app in a real browser, against real servers: two files at a time. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: "tests/browser/browser.ts",
    reporters: ["verbose", "tests/browser/failures-last.ts"],
    setupFiles: "tests/browser/each-test.ts",
    maxWorkers: 2,
    sequence: { concurrent: false },
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
