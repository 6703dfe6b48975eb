import { ConfigurationError } from "../constructs/configuration-error.ts";
import { address, topicArn, yesOrNo } from "./context-values.ts";
import type { Stage, Stages } from "./stage.ts";
import { stageNamed } from "./stage-names.ts";

/**
 * The stage that the app's context chooses: `stage` (`dev` by default), with overrides for `emailFrom`, `customerKey`,
 * `canary`, `traces`, `alarmEmail` and `alarmTopicArn`. For example: `cdk deploy -c stage=prod -c alarmEmail=ops@shop.example`.
 *
 * @param context the value of a context key, or undefined
 * @throws ConfigurationError when a value is invalid, or a stage that keeps data has nobody to tell of its alarms.
 */
export function stageFrom(stages: Stages, context: (key: string) => unknown): Stage {
  const { alarmEmail: email, alarmTopicArn: arn, ...stage } = stageNamed(stages, context("stage") ?? "dev");
  checkPlace(stage);
  const asked = alarmsOf(
    address("alarmEmail", context("alarmEmail")),
    topicArn("alarmTopicArn", context("alarmTopicArn")),
    "alarmEmail and alarmTopicArn",
  );
  const alarms = asked ?? alarmsOf(email, arn, `alarmEmail and alarmTopicArn of stage ${stage.name}`);
  if (stage.keepsData && !alarms) {
    throw new ConfigurationError(
      `stage ${stage.name} has nobody to tell of its alarms: pass -c alarmEmail=you@example.org or -c alarmTopicArn=arn:aws:sns:...`,
    );
  }
  return {
    ...stage,
    emailFrom: address("emailFrom", context("emailFrom")) ?? stage.emailFrom,
    customerKey: yesOrNo("customerKey", context("customerKey")) ?? stage.customerKey ?? false,
    canary: yesOrNo("canary", context("canary")) ?? stage.canary ?? false,
    traces: yesOrNo("traces", context("traces")) ?? stage.traces ?? false,
    ...alarms,
  };
}

function checkPlace({ name, account, region }: Stage): void {
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw new ConfigurationError(`stage ${name}: account is "${account}": expected 12 digits; change it in bin/stages.ts`);
  }
  if (region !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d$/.test(region)) {
    throw new ConfigurationError(
      `stage ${name}: region is "${region}": expected one like eu-west-1; change it in bin/stages.ts`,
    );
  }
}

/** Where alarms go; undefined when they go nowhere. */
function alarmsOf(
  alarmEmail: string | undefined,
  alarmTopicArn: string | undefined,
  what: string,
): Pick<Stage, "alarmEmail" | "alarmTopicArn"> | undefined {
  if (alarmEmail !== undefined && alarmTopicArn !== undefined) {
    throw new ConfigurationError(`${what} are both given: expected one of them`);
  }
  if (alarmEmail !== undefined) return { alarmEmail };
  return alarmTopicArn === undefined ? undefined : { alarmTopicArn };
}
