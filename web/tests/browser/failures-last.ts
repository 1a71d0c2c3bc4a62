import type { Reporter, TestModule } from "vitest/node";

/** Names at the very end what failed, a line each: the end is what is kept of a long log. */
export default class FailuresLast implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests("failed")) {
        const [reason] = test.result().errors?.[0]?.message.split("\n") ?? [];
        console.error(`FAILED ${module.relativeModuleId} > ${test.fullName}: ${reason}`);
      }
    }
  }
}
