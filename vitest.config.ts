import { defineConfig } from "vitest/config";
import { patienceWith, targetFrom } from "./test/support/target/target.ts";

const { longest, pause } = patienceWith(targetFrom(process.env));

/** Tests that are about this machine alone. */
const room = (name: string, ...folders: string[]) => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `${folder}/**/*.test.ts`), globalSetup: "test/support/assembly.ts" },
});

export default defineConfig({
  test: {
    // Generous, because they end a hanging test and judge no speed: a small shared machine takes its time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      room("unit", "test/unit", "test/support"),
      room("constructs", "test/constructs"),
      room("laptop", "test/laptop"),
      room("shop on the laptop", "test/shop/laptop", "test/shop/grants"),
      room("reliability", "test/reliability"),
      // These two talk to a deployed app, and do not know where it is.
      {
        extends: true,
        test: {
          name: "shop",
          include: ["test/shop/*.test.ts"],
          globalSetup: "test/support/target/setup.ts",
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
});
