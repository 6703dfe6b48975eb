import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { FunctionSandbox } from "#lib/laptop/services/lambda/sandbox/sandbox.ts";
import type { Activity } from "#lib/laptop/shared/activity.ts";
import type { FunctionConfig } from "#lib/laptop/services/lambda/functions/function-config.ts";

/** What is undone after the test, last first. A hook of this module would be one of the first file alone that imports it. */
export const cleanUps = {
  push: (cleanUp: () => unknown): void =>
    onTestFinished(async () => {
      await cleanUp();
    }),
};

/** A folder with these files, as a deployed bundle has them. */
export function folder(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), "fanfare-sandbox-"));
  cleanUps.push(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

/** A sandbox for a folder or for the source of an `index.mjs`, and what it reports. */
export function sandboxOf(bundle: string | Record<string, string>, settings: Partial<FunctionConfig> = {}) {
  const codeDirectory = folder(typeof bundle === "string" ? { "index.mjs": bundle } : bundle);
  const activity: Activity[] = [];
  const config: FunctionConfig = {
    name: "orders-consumer",
    arn: "arn:aws:lambda:us-east-1:000000000000:function:orders-consumer",
    runtime: "nodejs24.x",
    handler: "index.handler",
    codeDirectory,
    layers: [],
    projects: [],
    environment: {},
    timeoutSeconds: 30,
    memoryMegabytes: 128,
    ...settings,
  };
  const sandbox = new FunctionSandbox(config, (entry) => activity.push(entry));
  cleanUps.push(() => sandbox.stop());
  const lines = () => activity.filter((entry) => entry.kind === "log");
  const invocations = () => activity.filter((entry) => entry.kind === "invocation");
  return { sandbox, codeDirectory, lines, invocations };
}

/** Stands in an expected value for any text that matches. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
