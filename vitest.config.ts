import { defineConfig } from "vitest/config";
import { patienceWith, targetFrom } from "./test/target/target.ts";

/** The tests that talk to a deployed app, and know nothing of where it is: Fanfare's own, and the conformance suite's. */
const OF_FANFARE = ["test/integration/**/*.test.ts"];
const OF_CONFORMANCE = ["test/conformance/**/*.test.ts"];

const { longest, pause } = patienceWith(targetFrom(process.env));

export default defineConfig({
  test: {
    // Generous, because they end a hanging test and judge no speed: a small shared machine takes its time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "here",
          include: ["test/**/*.test.ts"],
          exclude: [...OF_FANFARE, ...OF_CONFORMANCE],
          globalSetup: "test/integration/assembly.ts",
        },
      },
      {
        extends: true,
        test: {
          name: "deployed",
          include: OF_FANFARE,
          globalSetup: "test/target/setup.ts",
          testTimeout: 2 * longest,
          hookTimeout: 2 * longest,
          expect: { poll: { timeout: longest, interval: pause } },
        },
      },
      {
        extends: true,
        test: {
          name: "conformance",
          include: OF_CONFORMANCE,
          globalSetup: "test/conformance/setup.ts",
          testTimeout: 4 * longest,
          hookTimeout: 2 * longest,
          sequence: { concurrent: true },
          maxConcurrency: 20,
        },
      },
    ],
  },
});
