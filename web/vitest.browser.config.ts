import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The largest file begins first, but for the one that is short to read and takes the longest. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const largestFirst = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith("/pages.test.ts");
    return [...largestFirst.filter(isLong), ...largestFirst.filter((file) => !isLong(file))];
  }
}

/** Journeys through the built app in a real browser, against real servers: two files at a time. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: "tests/browser/browser.ts",
    reporters: ["verbose", "tests/browser/failures-last.ts"],
    setupFiles: "tests/browser/each-test.ts",
    maxWorkers: 2,
    sequence: { concurrent: false, sequencer: LongestFirst },
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
