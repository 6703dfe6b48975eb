import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { watchedBy } from "./cloudwatch/alarm-state.ts";
import { resourcesOf } from "./controls/stage.ts";
import { root, runApp } from "./run-app.ts";

const assembly = mkdtempSync(join(tmpdir(), "fanfare-app-"));
afterAll(() => rmSync(assembly, { recursive: true, force: true }));

describe("the app", () => {
  beforeAll(() => runApp({ nag: false }, assembly));

  test("has two stacks for every folder of functions/, a backbone and the operators' stack", () => {
    const folders = readdirSync(join(root, "functions"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const stacks = [...folders.flatMap(({ name }) => [name, `${name}-function`]), "backbone", "operations"].map(
      (name) => `fanfare-dev-${name}.template.json`,
    );
    const templates = readdirSync(assembly).filter((file) => file.endsWith(".template.json"));
    expect(templates.toSorted()).toEqual(stacks.toSorted());
  });

  test("names no account, no region and no machine in a template", () => {
    for (const file of readdirSync(assembly).filter((name) => name.endsWith(".template.json"))) {
      // A version is a hash, and may be all digits like an account.
      const text = readFileSync(join(assembly, file), "utf8").replaceAll(/"SERVICE_VERSION": "[0-9a-f]{12}"/g, "");
      expect(text).not.toContain(root);
      expect(text).not.toMatch(/us-east-1|\b\d{12}\b/);
    }
  });

  test("has alarms that read as many metrics as the README counts", () => {
    const counted = readdirSync(assembly)
      .filter((name) => name.endsWith(".template.json"))
      .flatMap((file) => resourcesOf(file, JSON.parse(readFileSync(join(assembly, file), "utf8"))))
      .filter(({ type }) => type === "AWS::CloudWatch::Alarm")
      .flatMap(({ properties }) => watchedBy(properties));
    const readme = readFileSync(join(root, "README.md"), "utf8");
    expect(/The alarms read (\d+)\s+metrics/.exec(readme)?.[1]).toBe(String(counted.length));
  });

  test("answers an unknown stage with one line and no stack trace", async () => {
    await expect(runApp({ stage: "test" }, assembly)).rejects.toMatchObject({
      code: 1,
      stderr: 'unknown stage "test": expected dev or prod or pr-*, as in -c stage=dev; stages are added in bin/stages.ts\n',
    });
  });
});
