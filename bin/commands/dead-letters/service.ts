import type { SQSClient } from "@aws-sdk/client-sqs";
import { StageNames } from "#lib/constructs/names.ts";
import type { ServiceDefinition } from "#lib/contracts/index.ts";
import { topicsOf } from "#lib/contracts/topic.ts";
import { findServiceQueues, type LetterQueue, type ServiceQueues } from "#lib/ops/dead-letters/queues.ts";
import type { Target } from "#lib/ops/target.ts";
import { nearest } from "#lib/ops/nearest.ts";
import { ROOT } from "../../root.ts";
import { findServices } from "../../services.ts";

/**
 * The service of a name, by its folder in `functions/`.
 *
 * @throws Error that names the nearest service when there is none.
 */
export async function findService(name: unknown): Promise<ServiceDefinition> {
  const services = await findServices(ROOT);
  const names = services.map((service) => service.name);
  if (typeof name !== "string") throw new Error(`no service given: expected ${names.join(", ")}`);
  const found = services.find((service) => service.name === name);
  if (found) return found;
  const [best] = nearest(name, names, 1);
  throw new Error(
    `there is no service "${name}"${best ? `, the nearest is "${best}"` : ""}: expected one of ${names.join(", ")}`,
  );
}

/** The service of a name, or without one all services. */
export async function findSomeServices(name: unknown): Promise<readonly ServiceDefinition[]> {
  return name === undefined ? findServices(ROOT) : [await findService(name)];
}

/** A service's queues in a stage. */
export function queuesOf(sqs: SQSClient, { stage, local }: Target, service: ServiceDefinition): Promise<ServiceQueues> {
  const names = new StageNames(stage).service(service);
  const undelivered = topicsOf(service.consumes).map((topic) => names.undelivered(topic));
  const { queue, deadLetterQueue } = names;
  return findServiceQueues(sqs, service.name, { queue, deadLetterQueue, undelivered }, local !== undefined);
}

/** The queues a command works on: what the service could not handle, or with `--undelivered`, what SNS could not deliver. */
export function chosenQueues(queues: ServiceQueues, undelivered = false): readonly LetterQueue[] {
  return undelivered ? queues.undelivered : [queues.deadLetters];
}
