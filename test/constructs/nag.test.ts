import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { audit, desk, shop, synthesize } from "./fixture.ts";

test.each([
  { stage: "dev" },
  { stage: "prod", alarmTopicArn: "arn:aws:sns:eu-west-1:123456789012:ops" },
  { stage: "prod", customerKey: "true", traces: "true", alarmEmail: "ops@shop.example" },
])("cdk-nag has nothing against %o", (context: Record<string, string>) => {
  const { app } = synthesize(context, [shop, audit, desk]);
  expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
});
