import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const assembly = mkdtempSync(join(tmpdir(), "fanfare-app-"));
afterAll(() => rmSync(assembly, { recursive: true, force: true }));

function runApp(context: object): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, CDK_OUTDIR: assembly, CDK_VALIDATION: "false", CDK_CONTEXT_JSON: JSON.stringify(context) };
  return promisify(execFile)(process.execPath, ["bin/app.ts"], { cwd: root, env });
}

describe("the app", () => {
  beforeAll(() => runApp({ nag: false }));

  test("has a stack for every folder of functions/, a backbone and the operators' stack", () => {
    const folders = readdirSync(join(root, "functions"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const stacks = [...folders.map(({ name }) => name), "backbone", "operations"].map(
      (name) => `fanfare-dev-${name}.template.json`,
    );
    const templates = readdirSync(assembly).filter((file) => file.endsWith(".template.json"));
    expect(templates.toSorted()).toEqual(stacks.toSorted());
  });

  test("names no account, no region and no machine in a template", () => {
    for (const file of readdirSync(assembly).filter((name) => name.endsWith(".template.json"))) {
      const text = readFileSync(join(assembly, file), "utf8");
      expect(text).not.toContain(root);
      expect(text).not.toMatch(/us-east-1|\b\d{12}\b/);
    }
  });

  test("answers an unknown stage with one line and no stack trace", async () => {
    await expect(runApp({ stage: "test" })).rejects.toMatchObject({
      code: 1,
      stderr: 'unknown stage "test": expected dev or prod, as in -c stage=dev\n',
    });
  });
});
