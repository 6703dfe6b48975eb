import { nameOf } from "../shared/account.ts";
import type { Call } from "../services/call.ts";
import type { Service } from "../services/service.ts";

/** What rules of chaos tell calls apart by. */
export interface Subject {
  /** `dynamodb`, `sns`, … */
  readonly api: string;
  readonly operation: string;
  /** Names of the tables, the queue, the topic or the like that the call is about. */
  readonly resources: readonly string[];
}

/** What a call is about, by what it is to IAM. */
export function subjectOf(call: Call, service: Service): Subject {
  const accesses = service.accesses(call);
  const arns = accesses === "open" ? [] : accesses.flatMap(({ resources }) => resources);
  return { api: service.name, operation: call.operation, resources: [...new Set(arns.flatMap(namesIn))] };
}

/** `orders` of `arn:aws:sqs:us-east-1:000000000000:orders`, of `…:table/orders` and of `…:table/orders/index/by-day`. */
function namesIn(resourceArn: string): string[] {
  const [, name = ""] = /^(?:[\w-]+\/)?([^/]*)/.exec(nameOf(resourceArn)) ?? [];
  return name === "" || name === "*" ? [] : [name];
}
