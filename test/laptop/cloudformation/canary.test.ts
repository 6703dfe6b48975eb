import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TestCloud } from "#lib/testing/index.ts";
import { reading, weatherMeasured } from "../../support/fixtures/moody-project/events.ts";
import north from "../../support/fixtures/moody-project/functions/north/service.ts";
import { synthesizeProject } from "../../support/fixtures/synthesize-project.ts";

const PROJECT = join(import.meta.dirname, "../../support/fixtures/moody-project");

test("an app with canaries runs: its queue feeds the version behind the alias, and what CodeDeploy would do is on the list", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-canary-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await synthesizeProject(["north"], PROJECT, folder, { stage: "prod", alarmEmail: "ops@shop.example" });
  const cloud = await TestCloud.start({ assembly: folder, stage: "prod" });
  onTestFinished(() => cloud.stop());

  await cloud.publish(weatherMeasured, { key: "1", text: "Rain." });
  await cloud.settle();

  expect(await cloud.item(north, reading, "1")).toMatchObject({ text: "Rain." });
  const missing = cloud.cloud.missing.filter(({ type }) => type.startsWith("AWS::CodeDeploy::"));
  expect(missing.map(({ type, consequence }) => [type, consequence])).toEqual([
    ["AWS::CodeDeploy::Application", "there are no canaries: a new version gets every invocation at once"],
    ["AWS::CodeDeploy::DeploymentGroup", "there are no canaries: a new version gets every invocation at once"],
  ]);
});
