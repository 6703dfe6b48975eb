import { functionVariables } from "../../contracts/function-variables.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { topicsOf, topicVariable } from "../../contracts/topic.ts";

/** A service's configuration, as its stack deployed it. */
export interface ServiceConfig {
  readonly service: string;
  readonly version: string;
  readonly table: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Receives of a message that may come to no end. */
  readonly maxReceiveCount: number;
  readonly inboxDays: number;
  /** ARN of each topic that the service publishes to, by the topic's name. */
  readonly topicArns: ReadonlyMap<string, string>;
}

/**
 * Reads a service's configuration from the function's environment variables.
 *
 * @throws Error that names the variable that is missing or not a number.
 */
export function readConfig(service: ServiceDefinition, variables: NodeJS.ProcessEnv = process.env): ServiceConfig {
  const text = (name: string) => requireVariable(name, variables);
  const count = (name: string) => requireCount(name, variables);
  return {
    service: service.name,
    version: text(functionVariables.version),
    table: text(functionVariables.table),
    queueUrl: text(functionVariables.queueUrl),
    deadLetterQueueUrl: text(functionVariables.deadLetterQueueUrl),
    maxReceiveCount: count(functionVariables.maxReceiveCount),
    inboxDays: count(functionVariables.inboxDays),
    topicArns: new Map(topicsOf(service.publishes).map((topic) => [topic.name, text(topicVariable(topic))])),
  };
}

/**
 * Reads one environment variable, such as one of the service's `settings`.
 *
 * @throws Error that names the variable when it is missing or empty.
 */
export function requireVariable(name: string, variables: NodeJS.ProcessEnv = process.env): string {
  const value = variables[name];
  if (!value) throw new Error(`the environment variable ${name} is missing: the service's stack sets it`);
  return value;
}

/** Reads one environment variable as a whole number above 0. @throws Error that names the variable when it is none. */
export function requireCount(name: string, variables: NodeJS.ProcessEnv = process.env): number {
  const value = Number(requireVariable(name, variables));
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${name} is "${variables[name]}": expected a whole number above 0`);
}
