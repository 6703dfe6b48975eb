import { expect, test } from "vitest";
import { functionVariables } from "#lib/contracts/function-variables.ts";
import { at, objects, resource, synthesize } from "./fixture.ts";

test("a stage with traces lets its functions send spans to X-Ray in their own region, and says where", () => {
  const shop = synthesize({ traces: "true" }).template("shop-function");
  expect(at(resource(shop, "AWS::Lambda::Function", {}), "Environment", "Variables", functionVariables.tracesEndpoint)).toEqual(
    {
      "Fn::Join": ["", ["https://xray.", { Ref: "AWS::Region" }, ".", { Ref: "AWS::URLSuffix" }, "/v1/traces"]],
    },
  );
  const [policy] = objects(resource(shop, "AWS::IAM::Role", {})["Policies"]);
  expect(at(policy, "PolicyDocument", "Statement")).toContainEqual(
    expect.objectContaining({ Effect: "Allow", Action: "xray:PutTraceSegments", Resource: "*" }),
  );
});

test("a stage without traces does neither", () => {
  const shop = synthesize().template("shop-function");
  const variables = at(resource(shop, "AWS::Lambda::Function", {}), "Environment", "Variables");
  expect(at(variables, functionVariables.tracesEndpoint)).toBeUndefined();
  expect(JSON.stringify(resource(shop, "AWS::IAM::Role", {}))).not.toContain("xray");
});
