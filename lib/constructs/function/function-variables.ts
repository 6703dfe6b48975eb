import { functionVariables as variable, secretVariable } from "../../contracts/function-variables.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { topicsOf, topicVariable } from "../../contracts/topic.ts";
import { MAX_RECEIVE_COUNT } from "../queue/queue-settings.ts";

/** Digits of the bundle's hash that name a version. */
const VERSION_DIGITS = 12;

export interface FunctionVariablesProps {
  readonly definition: ServiceDefinition;
  readonly stage: string;
  /** The bundle's hash, in hexadecimal. */
  readonly version: string;
  readonly table: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly inboxDays: number;
  readonly emailFrom: string;
  readonly topicArns: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  /** The SSM parameter of each of the definition's secrets, by the secret's name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** @default - no topic of the service takes large events */
  readonly claimCheckBucket?: string;
  /** Where spans are sent. @default - nowhere */
  readonly tracesEndpoint?: string;
}

/** The environment variables of a service's function, as lib/contracts/function-variables.ts names them. */
export function functionVariables(props: FunctionVariablesProps): Record<string, string> {
  const { definition, topicArns, settings } = props;
  return {
    [variable.service]: definition.name,
    [variable.version]: versionOf(props.version),
    [variable.stage]: props.stage,
    [variable.table]: props.table,
    [variable.queueUrl]: props.queueUrl,
    [variable.deadLetterQueueUrl]: props.deadLetterQueueUrl,
    [variable.maxReceiveCount]: String(MAX_RECEIVE_COUNT),
    [variable.inboxDays]: String(props.inboxDays),
    [variable.logLevel]: "INFO",
    ...(definition.sendsEmail && { [variable.emailFrom]: props.emailFrom }),
    ...(props.claimCheckBucket !== undefined && { [variable.claimCheckBucket]: props.claimCheckBucket }),
    ...(props.tracesEndpoint !== undefined && { [variable.tracesEndpoint]: props.tracesEndpoint }),
    ...Object.fromEntries(topicsOf(definition.publishes).map((topic) => [topicVariable(topic), given(topicArns, topic.name)])),
    ...Object.fromEntries((definition.settings ?? []).map((setting) => [setting, given(settings, setting)])),
    ...Object.fromEntries([...props.secrets].map(([secret, parameter]) => [secretVariable(secret), parameter])),
  };
}

/** The version that a bundle's hash names. */
export function versionOf(hash: string): string {
  return hash.slice(0, VERSION_DIGITS);
}

/** A value that the stack must pass on. */
export function given(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`no value was given for "${name}"`);
  return value;
}
