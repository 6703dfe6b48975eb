import type { Cloud } from "#lib/laptop/index.ts";
import type { Random } from "../random.ts";
import { type AwsAnswer, type AwsCall, jsonAnswer, parsed } from "./aws-call.ts";
import { isRecord } from "#lib/laptop/shared/json.ts";

type Counted = Readonly<Record<string, string>>;

/** What SQS says of how many messages a queue has: true at some moment not long ago. */
export class LaggingCounts {
  readonly #cloud: Cloud;
  readonly #random: Random;
  /** Counts after each call, by queue. */
  readonly #past = new Map<string, Counted[]>();

  constructor(cloud: Cloud, random: Random) {
    this.#cloud = cloud;
    this.#random = random;
  }

  /** Notes the counts of a call's queue after the call. */
  note(call: AwsCall): void {
    const name = queueOf(call);
    if (name === undefined) return;
    const { ready, inFlight, delayed } = this.#cloud.queues.look(name).counts;
    const past = this.#past.get(name) ?? [];
    past.push({
      ApproximateNumberOfMessages: String(ready),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
    });
    this.#past.set(name, past.slice(-1_000));
  }

  /** The answer to GetQueueAttributes with counts of the past. @param behind how many calls ago at most */
  behind(call: AwsCall, answer: AwsAnswer, behind: number): AwsAnswer {
    const past = this.#past.get(queueOf(call) ?? "");
    if (call.operation !== "GetQueueAttributes" || behind === 0 || !past) return answer;
    const output = parsed(answer.body);
    if (!isRecord(output?.["Attributes"])) return answer;
    const attributes = Object.entries(output["Attributes"]).map(([name, value]) => {
      const then = past.at(-1 - this.#random.below(behind + 1)) ?? past[0];
      return [name, then?.[name] ?? value];
    });
    return jsonAnswer(answer.status, { ...output, Attributes: Object.fromEntries(attributes) });
  }
}

function queueOf({ input }: AwsCall): string | undefined {
  const url = input?.["QueueUrl"];
  return typeof url === "string" ? url.slice(url.lastIndexOf("/") + 1) : undefined;
}
