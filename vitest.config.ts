import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/integration/assembly.ts",
    // Generous, because they end a hanging test and judge no speed: a small shared machine takes its time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
