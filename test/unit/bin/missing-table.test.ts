import { expect, test } from "vitest";
import { missingTable } from "../../../bin/commands/start/missing-table.ts";

const missing = (stack: string, logicalId: string, type: string, consequence: string) => ({
  stack,
  logicalId,
  type,
  consequence,
});
const rule = "AWS::Events::Rule";

test("what is missing is one table with a row for each type and consequence", () => {
  const rows = [
    missing("shop", "Nightly", rule, "nothing is started"),
    missing("shop", "Api", "AWS::ApiGatewayV2::Api", "there is no HTTP endpoint"),
    missing("shop", "Weekly", rule, "nothing is started"),
  ];
  expect(missingTable(rows)).toEqual([
    "type                    what will be missing       logical id",
    "AWS::Events::Rule       nothing is started         Nightly, Weekly",
    "AWS::ApiGatewayV2::Api  there is no HTTP endpoint  Api",
  ]);
});

test("of many resources in a row the first five are named, and the stack where there are several", () => {
  const rows = ["A", "B", "C", "D", "E", "F", "G"].map((id) => missing("shop", id, rule, "idle"));
  expect(missingTable([...rows, missing("blog", "A", rule, "idle")])).toEqual([
    "stack  type               what will be missing  logical id",
    "shop   AWS::Events::Rule  idle                  A, B, C, D, E and 2 more",
    "blog   AWS::Events::Rule  idle                  A",
  ]);
  expect(missingTable([])).toEqual([]);
});
