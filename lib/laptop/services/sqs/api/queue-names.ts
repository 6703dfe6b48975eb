import { account, arn, queueUrl } from "../../../shared/account.ts";
import { AwsError } from "../../../shared/aws-error.ts";
import type { CloudContext } from "../../context.ts";
import type { Input } from "../../protocols/input.ts";
import { checkAttributes, unknownAttribute } from "../engine/attributes.ts";
import type { Queue } from "../engine/queue.ts";
import type { Queues } from "../engine/queues.ts";
import { checkRedrive } from "./check-redrive.ts";
import { followPolicy } from "./policy.ts";
import { invalidParameter, noSuchQueue } from "./refusals.ts";
import { checkTags } from "./tags.ts";

const NAME = /^[\w-]{1,80}$/;
const FIFO_NAME = /^(?=.{1,80}$)[\w-]+\.fifo$/;

/** The name of the queue that a URL stands for, whatever its host: the last part. A name alone will do; that of another account is none. */
export function nameInUrl(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  const [owner = "", name = ""] = ["", "", ...path.split("/").filter((part) => part !== "")].slice(-2);
  return /^\d{12}$/.test(owner) && owner !== account.id ? "" : name;
}

/** Creates a queue, or finds the one of that name where its attributes are the same. @throws AwsError QueueNameExists where not */
export function createQueue(queues: Queues, { port, iam }: CloudContext, input: Input): Record<string, unknown> {
  const name = input.text("QueueName");
  const { FifoQueue: typeAsked, ...given } = input.textMap("Attributes");
  const fifo = typeAsked?.toLowerCase() === "true";
  if (typeAsked !== undefined && !fifo) throw unknownAttribute("FifoQueue");
  checkName(name, fifo);
  const attributes = checkAttributes(given, fifo);
  const known = queues.byName(name);
  if (known) checkSame(known, attributes);
  else {
    const tags = input.textMap("tags");
    checkTags(name, tags);
    checkRedrive(queues, { arn: arn("sqs", name), fifo }, attributes["RedrivePolicy"]);
    // Also without a policy: that of a deleted queue of this name stays until now, so that what is sent to it is refused for its absence.
    followPolicy(iam.policies, arn("sqs", name), attributes["Policy"] ?? "");
    queues.create(name, attributes, tags);
  }
  return { QueueUrl: queueUrl(port, name) };
}

export function getQueueUrl(queues: Queues, port: number, input: Input): Record<string, unknown> {
  const queue = queues.byName(input.text("QueueName")) ?? fail(noSuchQueue());
  return { QueueUrl: queueUrl(port, queue.name) };
}

/** A page of queues' URLs; without a size of the page, the first thousand. */
export function pageOfUrls(member: string, queues: readonly Queue[], port: number, input: Input): Record<string, unknown> {
  const prefix = input.optionalText("QueueNamePrefix") ?? "";
  const names = queues.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  const maximum = input.integer("MaxResults");
  const token = input.optionalText("NextToken");
  const last = token === undefined ? undefined : Buffer.from(token, "base64").toString();
  const begin = last === undefined ? 0 : names.indexOf(last) + 1;
  if (last !== undefined && begin === 0) throw invalidParameter("Invalid or expired next token.");
  const end = begin + (maximum ?? 1_000);
  const page = names.slice(begin, end);
  const hasMore = maximum !== undefined && end < names.length;
  return {
    ...(page.length > 0 && { [member]: page.map((name) => queueUrl(port, name)) }),
    ...(hasMore && { NextToken: Buffer.from(page.at(-1) ?? "").toString("base64") }),
  };
}

function checkName(name: string, fifo: boolean): void {
  if (fifo && !FIFO_NAME.test(name)) {
    const rules = "can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix";
    throw invalidParameter(`The name of a FIFO queue ${rules} and be 1 to 80 in length.`);
  }
  if (!fifo && !NAME.test(name)) {
    throw invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
}

function checkSame(queue: Queue, attributes: Readonly<Record<string, string>>): void {
  const other = Object.entries(attributes).find(([name, value]) => (queue.attributes[name] ?? "") !== value);
  if (other === undefined) return;
  const message = `A queue already exists with the same name and a different value for attribute ${other[0]}`;
  throw new AwsError("QueueNameExists", message);
}

function fail(error: AwsError): never {
  throw error;
}
