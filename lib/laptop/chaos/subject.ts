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
  const arns = accesses === "open" ? (service.openTo?.(call) ?? []) : accesses.flatMap(({ resources }) => resources);
  return { api: service.name, operation: call.operation, resources: [...new Set(arns.flatMap(namesIn))] };
}

/**
 * `orders` of `arn:aws:sqs:us-east-1:000000000000:orders`, of `…:table/orders/index/by-day` and of `…:function:orders:live`; `shop` and
 * `/shop/url` of `…:parameter/shop/url`; `scans` of `arn:aws:s3:::scans/2026/a:b`.
 */
function namesIn(resourceArn: string): string[] {
  const [, , , region, , ...rest] = resourceArn.split(":");
  const resource = rest.join(":");
  const [first = "", second] = resource.split(/[/:]/, 2);
  // What stands in a region has its type before its name, where it is not a queue or a topic; what stands in none is a bucket.
  const names = region === "" || second === undefined ? [first] : [second, resource.slice(first.length)];
  return names.filter((name) => name !== "" && name !== "*");
}
