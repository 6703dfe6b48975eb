import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib/core";
import { expect, inject, test } from "vitest";
import { readyValidator } from "#lib/stacks/template-validator.ts";

/** A folder with a template of one resource. */
function synthesized(
  name: string,
  type: string,
  properties: object,
): { readonly folder: string; readonly templatePath: string } {
  const folder = mkdtempSync(join(inject("outputFolder"), `${name}-`));
  const templatePath = join(folder, `${name}.template.json`);
  writeFileSync(templatePath, JSON.stringify({ Resources: { Only: { Type: type, Properties: properties } } }));
  return { folder, templatePath };
}

test("a validator made ready by the last synthesis still checks a type of resource that it did not have", () => {
  const last = synthesized("last", "AWS::SQS::Queue", {});
  const { templatePath } = synthesized("now", "AWS::SNS::Topic", { TopicNam: "orders" });
  const app = new App();
  const validator = readyValidator(app, last.folder);

  const stack = { stackConstructPath: "now", templatePath, accountId: undefined, region: undefined };
  const report = validator.validate({ stackTemplates: [stack], templatePaths: [templatePath], appConstruct: app });

  expect(report.success).toBe(false);
  expect(report.violations.map(({ description }) => description)).toContainEqual(expect.stringContaining("TopicNam"));
});
