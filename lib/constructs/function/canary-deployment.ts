import { ArnFormat, Stack } from "aws-cdk-lib/core";
import { CfnApplication, CfnDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnAlias, CfnVersion, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { versionFaults } from "../monitoring/metrics.ts";
import { RunbookAlarm } from "../monitoring/runbook-alarm.ts";
import type { ServiceNames } from "../names.ts";

/** The alias that a canary moves: its event source mapping invokes the version behind it. */
const ALIAS = "live";

/** Three events that the handler fails on, or one crash: one event that fails may be the event's fault, and is retried. */
const FAULTS = 2;

/** A tenth of the invocations for ten minutes: two periods of the slowest alarm. codedeploy/latest/userguide/deployment-configurations */
const CONFIGURATION = "CodeDeployDefault.LambdaCanary10Percent10Minutes";

export interface CanaryDeploymentProps {
  readonly names: ServiceNames;
  readonly function: LambdaFunction;
  /** The values of the function's settings, which CloudFormation reads when it deploys: a changed one is a new version. */
  readonly settings: ReadonlyMap<string, string>;
  /** Alarms of the service that stop a deployment, by name, besides that on the new version's own errors. */
  readonly alarmNames: readonly string[];
  /** ARN of the SNS topic that is notified of the new version's errors. @default - none */
  readonly notify?: string;
}

/**
 * Deploys a function's code in two steps: a tenth of the invocations run the new version, the rest follow after ten minutes. An alarm in
 * that time moves all of them back to the version before, and CloudFormation rolls the stack back.
 */
export class CanaryDeployment extends Construct {
  /** ARN of the alias: what invokes it runs the version that is deployed. */
  readonly aliasArn: string;

  constructor(scope: Construct, id: string, { names, function: consumer, ...props }: CanaryDeploymentProps) {
    super(scope, id);
    const { version, node } = consumer.currentVersion;
    describe(node.defaultChild, [...props.settings.values()]);
    const alias = new CfnAlias(this, "Alias", { functionName: consumer.functionName, functionVersion: version, name: ALIAS });
    this.aliasArn = alias.ref;
    const { alarm } = new RunbookAlarm(this, "Errors", {
      alarmName: names.alarm("canary-errors"),
      meaning: `The version of the service ${names.service} that is being deployed crashed, timed out, or failed to handle events.`,
      section: "canary-errors",
      metric: versionFaults(names.function, ALIAS, version),
      above: FAULTS,
      persistence: "once",
      ...(props.notify !== undefined && { notify: props.notify }),
    });
    const application = new CfnApplication(this, "Application", { computePlatform: "Lambda" });
    const alarms = [names.alarm("canary-errors"), ...props.alarmNames];
    const group = new CfnDeploymentGroup(this, "Group", {
      applicationName: application.ref,
      deploymentConfigName: CONFIGURATION,
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      alarmConfiguration: { enabled: true, alarms: alarms.map((name) => ({ name })) },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
      serviceRoleArn: this.role(consumer, alarms).roleArn,
    });
    group.node.addDependency(alarm);
    // The alarm watches the new version before an invocation reaches it.
    alias.node.addDependency(group);
    alias.cfnOptions.updatePolicy = {
      codeDeployLambdaAliasUpdate: { applicationName: application.ref, deploymentGroupName: group.ref },
    };
  }

  /** What CodeDeploy may do: move the alias, and look at the alarms. As AWSCodeDeployRoleForLambdaLimited, without hooks and wildcards. */
  private role({ functionArn }: LambdaFunction, alarmNames: readonly string[]): Role {
    const stack = Stack.of(this);
    const alarmArn = (name: string) =>
      stack.formatArn({
        service: "cloudwatch",
        resource: "alarm",
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    const allow = (actions: string[], resources: string[]) => new PolicyStatement({ effect: Effect.ALLOW, actions, resources });
    const statements = [
      allow(
        ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
        [functionArn, `${functionArn}:${ALIAS}`],
      ),
      allow(["cloudwatch:DescribeAlarms"], alarmNames.map(alarmArn)),
    ];
    return new Role(this, "Role", {
      assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
      inlinePolicies: { Deploy: new PolicyDocument({ statements }) },
    });
  }
}

/**
 * Describes a version by its settings' values. The CDK names a version by the function's template, which has the parameters of settings
 * and not their values: without this, the alias would keep the version with the old ones. A changed description is a new version;
 * Lambda takes 256 characters. AWSCloudFormation, AWS::Lambda::Version, "Description"
 */
function describe(version: unknown, settings: readonly string[]): void {
  if (!(version instanceof CfnVersion)) throw new Error("expected a version to be one resource");
  if (settings.length > 0) version.description = settings.join(" ");
}
