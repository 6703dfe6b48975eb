import { describe, expect, test } from "vitest";
import { runtimeMetrics } from "#lib/contracts/runtime-metrics.ts";
import { at, objects, resource, resources, synthesize } from "./fixture.ts";

const prod = synthesize({ stage: "prod", alarmEmail: "ops@shop.example" });
const shop = prod.template("shop-function");
const alias = resource(shop, "AWS::Lambda::Alias", {});
const group = resource(shop, "AWS::CodeDeploy::DeploymentGroup", {});

describe("new code in prod", () => {
  test("runs for a tenth of the invocations first: the queue feeds an alias, which CodeDeploy moves", () => {
    expect(resource(shop, "AWS::Lambda::EventSourceMapping", {})["FunctionName"]).toEqual({ Ref: alias.id });
    expect(alias["FunctionVersion"]).toEqual({
      "Fn::GetAtt": [resource(shop, "AWS::Lambda::Version", {}).id, "Version"],
    });
    expect(at(shop.toJSON(), "Resources", alias.id, "UpdatePolicy", "CodeDeployLambdaAliasUpdate")).toEqual({
      ApplicationName: { Ref: resource(shop, "AWS::CodeDeploy::Application", {}).id },
      DeploymentGroupName: { Ref: group.id },
    });
    expect(group["DeploymentConfigName"]).toBe("CodeDeployDefault.LambdaCanary10Percent10Minutes");
  });

  test("is taken back on an error of the new version or a new dead letter, by alarms that exist", () => {
    const stopping = objects(at(group, "AlarmConfiguration", "Alarms")).map(({ Name }) => Name);
    expect(stopping).toEqual(["fanfare-prod-shop-canary-errors", "fanfare-prod-shop-dead-letters"]);
    const alarms = [shop, prod.template("shop")].flatMap((template) => [
      ...resources(template, "AWS::CloudWatch::Alarm").values(),
    ]);
    const names = alarms.map(({ AlarmName }) => AlarmName);
    for (const name of stopping) expect(names).toContain(name);
    expect(at(group, "AutoRollbackConfiguration")).toMatchObject({
      Enabled: true,
      Events: expect.arrayContaining(["DEPLOYMENT_STOP_ON_ALARM"]),
    });
  });

  test("is watched by its own errors, not by those of the version before, and before an invocation reaches it", () => {
    expect(at(shop.toJSON(), "Resources", alias.id, "DependsOn")).toContain(group.id);
    const version = alias["FunctionVersion"];
    const [errors] = [...resources(shop, "AWS::CloudWatch::Alarm").values()];
    const metrics = objects(errors?.["Metrics"]).flatMap((part) =>
      part["MetricStat"] ? [at(part, "MetricStat", "Metric")] : [],
    );
    expect(metrics).toMatchObject([
      {
        Namespace: "AWS/Lambda",
        MetricName: "Errors",
        Dimensions: expect.arrayContaining([{ Name: "ExecutedVersion", Value: version }]),
      },
      {
        Namespace: runtimeMetrics.namespace,
        MetricName: runtimeMetrics.handlerFailures,
        Dimensions: [
          { Name: "FunctionName", Value: "fanfare-prod-shop" },
          { Name: "Version", Value: version },
        ],
      },
    ]);
  });

  test("is a new version too where only the value of a setting has changed, which the template does not have", () => {
    const setting = at(resource(shop, "AWS::Lambda::Function", {}), "Environment", "Variables", "PROVIDER_URL");
    expect(resource(shop, "AWS::Lambda::Version", {})["Description"]).toEqual(setting);
    expect(resource(prod.template("audit-function"), "AWS::Lambda::Version", {})).not.toHaveProperty("Description");
  });

  test("is moved by a role that can do that and nothing else", () => {
    const role = resource(shop, "AWS::IAM::Role", {
      AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: "codedeploy.amazonaws.com" } }] },
    });
    const actions = objects(at(objects(role["Policies"])[0], "PolicyDocument", "Statement")).flatMap(({ Action }) => Action);
    expect(actions).toEqual([
      "lambda:GetAlias",
      "lambda:GetProvisionedConcurrencyConfig",
      "lambda:UpdateAlias",
      "cloudwatch:DescribeAlarms",
    ]);
  });

  test("runs at once where the deployment asks for it, as a remedy must", () => {
    const { template } = synthesize({ stage: "prod", alarmEmail: "ops@shop.example", canary: "false" });
    expect(resources(template("shop-function"), "AWS::CodeDeploy::DeploymentGroup").size).toBe(0);
  });
});

test("new code in dev runs at once", () => {
  const dev = synthesize().template("shop-function");
  for (const type of ["AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::CodeDeploy::Application"]) {
    expect(resources(dev, type).size).toBe(0);
  }
});
