import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { compileCache } from "./lib/laptop/shared/compile-cache.ts";
import { patienceWith, targetFrom } from "./test/support/target/target.ts";

const target = targetFrom(process.env);
const { longest, pause } = patienceWith(target);

/** Tests that are about this machine alone. */
const room = (name: string, folders: readonly string[], globalSetup = "test/support/assembly.ts") => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `${folder}/**/*.test.ts`), globalSetup },
});

export default defineConfig(({ mode }) => ({
  test: {
    provide: { proof: mode === "prove" ? "long" : "short" },
    reporters: ["default", "./test/support/project-times.ts"],
    // One after the other, the files of a worker share its modules: loading them anew for each would take longer than the tests.
    isolate: false,
    // Tests start commands by the hundred, each of which would compile the same files.
    env: { NODE_COMPILE_CACHE: compileCache() },
    // Many tests wait for something to come true, so that a core has time for another. The long forms keep every core busy themselves.
    maxWorkers: mode === "prove" ? 1 : availableParallelism() + 1,
    // Generous, because they end a hanging test and judge no speed: a small shared machine takes its time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      room("unit", ["test/unit", "test/support"]),
      room("constructs", ["test/constructs"], "test/constructs/output-folder.ts"),
      room("laptop", ["test/laptop"]),
      room("shop on the laptop", ["test/shop/laptop", "test/shop/grants"]),
      room("reliability", ["test/reliability"]),
      // These two talk to a deployed app, and do not know where it is.
      {
        extends: true,
        test: {
          name: "shop",
          include: ["test/shop/*.test.ts"],
          globalSetup: "test/support/target/setup.ts",
          setupFiles: "test/support/target/setup-worker.ts",
          // On a deployed app, a dead letter that one test looks at is hidden from the others: the files take turns, after all other
          // projects. Embedded, each worker has a cloud of its own.
          ...(target.name !== "embedded" && { fileParallelism: false, sequence: { groupOrder: 1 } }),
          testTimeout: 2 * longest,
          hookTimeout: 2 * longest,
          expect: { poll: { timeout: longest, interval: pause } },
        },
      },
      {
        extends: true,
        test: {
          name: "conformance",
          include: ["test/conformance/*.test.ts"],
          globalSetup: "test/support/conformance/setup.ts",
          testTimeout: 4 * longest,
          hookTimeout: 2 * longest,
          sequence: { concurrent: true },
          maxConcurrency: 20,
        },
      },
    ],
  },
}));
