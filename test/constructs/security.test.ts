import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { Stack } from "aws-cdk-lib/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineService, defineTopic } from "#lib/contracts/index.ts";
import { access, EXCUSES, excuses } from "./controls/access.ts";
import { data } from "./controls/data.ts";
import { failures } from "./controls/failures.ts";
import { placeOf, resourcesOf, type Stage } from "./controls/stage.ts";
import { audit, desk, event, shop, synthesize } from "./fixture.ts";
import { runApp } from "./run-app.ts";

const folder = mkdtempSync(join(tmpdir(), "fanfare-security-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The reference system, as it is deployed. */
const reference: Partial<Record<string, Stage>> = {};
beforeAll(async () => {
  for (const stage of ["dev", "prod"]) {
    const outdir = join(folder, stage);
    await runApp({ stage, nag: false, alarmEmail: "ops@shop.example" }, outdir);
    const stacks = readdirSync(outdir).filter((file) => file.endsWith(".template.json"));
    reference[stage] = stacks.flatMap((file) => {
      const template: unknown = JSON.parse(readFileSync(join(outdir, file), "utf8"));
      return resourcesOf(file.replace(".template.json", ""), template);
    });
  }
});

/** What the reference system does not use: a key and alarms of one's own, order, large events. */
const everyOption = withEveryOption();

const STAGES: Readonly<Record<string, () => Stage>> = {
  dev: () => reference["dev"] ?? [],
  prod: () => reference["prod"] ?? [],
  "prod with every option": () => everyOption,
};

describe.each([...access, ...data, ...failures])("$rule", ({ offenders, breaches, inProdAlone = false }) => {
  test.each(Object.keys(STAGES).filter((name) => !inProdAlone || name !== "dev"))("in %s", (name) => {
    const stage = STAGES[name]!();
    expect(stage.length).toBeGreaterThan(10);
    expect(offenders(stage).map(placeOf)).toEqual([]);
  });

  test.each(Object.entries(breaches))("which %s would break, and be named", (_, breach) => {
    const broken = structuredClone(everyOption);
    const offender = breach(broken);
    expect(offenders(broken).map(placeOf)).toContain(placeOf(offender));
  });
});

test.each(EXCUSES)("a wildcard in the $key of $type is needed: $reason", (excuse) => {
  expect(everyOption.some((resource) => excuses(excuse, resource))).toBe(true);
});

function withEveryOption(): Stage {
  const scans = defineTopic({ name: "scans", description: "Scanned pages, in order.", fifo: true, largeEvents: true });
  const [scanned, read] = [event(scans, "page.scanned.v1"), event(scans, "page.read.v1")];
  const reader = defineService("reader", "Reads.", { consumes: [scanned], publishes: [read], owns: [] });
  const context = { stage: "prod", customerKey: "true", traces: "true", alarmEmail: "ops@shop.example" };
  const stacks = synthesize(context, [shop, audit, reader, desk]).app.node.children.filter((child) => child instanceof Stack);
  return stacks.flatMap((stack) => resourcesOf(stack.stackName, Template.fromStack(stack).toJSON()));
}
