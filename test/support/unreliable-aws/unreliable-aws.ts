import { createServer, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Cloud } from "#lib/laptop/index.ts";
import { isRecord } from "#lib/laptop/shared/json.ts";
import { Random } from "../random.ts";
import { type AwsAnswer, type AwsCall, jsonAnswer, parsed, readCall, records, refusal, withInput } from "./aws-call.ts";
import { splitBatch, withFailed } from "./batch-entries.ts";
import { type Faults, noFaults } from "./faults.ts";
import { LaggingCounts } from "./lagging-counts.ts";

/** Longest that a late answer takes, in milliseconds. */
const LATE_MILLISECONDS = 150;

/** How far a signature's time may be from AWS's. IAM/latest/UserGuide/signing-elements, "Time stamps" */
const SIGNATURE_MILLISECONDS = 5 * 60_000;

export interface UnreliableAwsOptions {
  readonly cloud: Cloud;
  readonly seed: number;
  /** @default - none */
  readonly faults?: Partial<Faults>;
  /** Answers calls that the laptop cloud does not serve; undefined for all others. */
  readonly answer?: (call: AwsCall) => object | undefined;
}

/**
 * AWS as an operator's commands meet it: the laptop cloud behind a gateway that refuses, resets, delays, repeats and miscounts. Long
 * polls are cut short.
 */
export class UnreliableAws implements AsyncDisposable {
  /** Calls that were carried out, and whose answer nobody got. */
  readonly unanswered: AwsCall[] = [];
  /** Ids of the messages that were handed out twice. */
  readonly handedOutTwice: string[] = [];
  readonly #options: UnreliableAwsOptions;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #counts: LaggingCounts;
  /** Answers to receives of FIFO queues, by attempt id: another attempt gets the same. AWSSimpleQueueService, ReceiveMessage */
  readonly #attempts = new Map<string, AwsAnswer>();
  readonly #server = createServer((request, response) => {
    readCall(request)
      .then((call) => this.#meet(call, response))
      .catch((error: unknown) => {
        this.#fault ??= error;
        response.destroy();
      });
  });

  /** Why the gateway itself failed: a test must not take that for a bad day. */
  #fault: unknown;

  private constructor(options: UnreliableAwsOptions) {
    this.#options = options;
    this.#faults = { ...noFaults, ...options.faults };
    this.#random = new Random(options.seed, "faults");
    this.#counts = new LaggingCounts(options.cloud, new Random(options.seed, "counts"));
  }

  static async start(options: UnreliableAwsOptions): Promise<UnreliableAws> {
    const aws = new UnreliableAws(options);
    await new Promise<void>((resolve) => void aws.#server.listen(0, "127.0.0.1", resolve));
    return aws;
  }

  /** Where calls go. */
  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the gateway is not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    if (this.#fault !== undefined) throw new Error("the gateway failed", { cause: this.#fault });
  }

  async #meet(call: AwsCall, response: ServerResponse): Promise<void> {
    const random = this.#random;
    const { throttled, lostCalls, lostAnswers, late } = this.#faults;
    if (random.chance(late)) await pause(random.between(0, LATE_MILLISECONDS));
    if (random.chance(lostCalls)) return void response.destroy();
    const refused = this.#misdated(call) ?? (random.chance(throttled) ? throttle(call) : undefined);
    if (refused) return this.#reply(response, refused);
    const answer = await this.#carryOut(call);
    if (random.chance(lostAnswers)) {
      this.unanswered.push(call);
      return void response.destroy();
    }
    this.#reply(response, answer);
  }

  /** AWS's refusal of a call that was signed at another time. */
  #misdated(call: AwsCall): AwsAnswer | undefined {
    const at = String(call.headers["x-amz-date"] ?? "").replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
    if (Math.abs(Date.parse(at) - this.#now()) <= SIGNATURE_MILLISECONDS) return undefined;
    return refusal(
      call,
      403,
      "InvalidSignatureException",
      `Signature expired: ${at} is now too far from ${new Date(this.#now()).toISOString()}`,
    );
  }

  async #carryOut(given: AwsCall): Promise<AwsAnswer> {
    const { call, failed } = splitBatch(given, () => this.#random.chance(this.#faults.failedEntries));
    const answer = call && (await this.#forward(call));
    if (failed.length > 0) return withFailed(given, answer, failed);
    return answer!;
  }

  async #forward(given: AwsCall): Promise<AwsAnswer> {
    const own = this.#options.answer?.(given);
    if (own) return jsonAnswer(200, own);
    const call = given.operation === "ReceiveMessage" ? withInput(given, { ...given.input, WaitTimeSeconds: 0 }) : given;
    const attempt = call.input?.["ReceiveRequestAttemptId"];
    const before = typeof attempt === "string" ? this.#attempts.get(attempt) : undefined;
    if (before) return before;
    const answer = await this.#ask(call);
    this.#counts.note(call);
    if (call.operation === "ReceiveMessage") {
      const messages = await this.#handedOut(call, answer);
      if (typeof attempt === "string") this.#attempts.set(attempt, messages);
      return messages;
    }
    return this.#counts.behind(call, answer, this.#faults.countsBehind);
  }

  async #ask({ method, path, headers, body }: AwsCall): Promise<AwsAnswer> {
    const { host: _, "content-length": __, connection: ___, ...kept } = headers;
    const answer = await fetch(`${this.#options.cloud.endpoint}${path}`, {
      method,
      headers: Object.entries(kept).map(([name, value]): [string, string] => [name, String(value)]),
      ...(method !== "GET" && { body }),
    });
    const text = (await answer.text()).replaceAll(this.#options.cloud.endpoint, this.endpoint);
    return { status: answer.status, headers: { "content-type": answer.headers.get("content-type") ?? "" }, body: text };
  }

  /** Messages as AWS's clock dates them; some twice, or visible again at once. */
  async #handedOut(call: AwsCall, answer: AwsAnswer): Promise<AwsAnswer> {
    const output = parsed(answer.body);
    const messages = records(output?.["Messages"]).map((message): Record<string, unknown> => ({
      ...message,
      Attributes: this.#dated(message["Attributes"]),
    }));
    const isFifo = String(call.input?.["QueueUrl"]).endsWith(".fifo");
    const all: Record<string, unknown>[] = [];
    for (const message of messages) {
      all.push(message);
      if (isFifo || !this.#random.chance(this.#faults.handedOutTwice)) continue;
      this.handedOutTwice.push(String(message["MessageId"]));
      if (this.#random.chance(0.5)) all.push(message);
      else await this.#makeVisible(call, message["ReceiptHandle"]);
    }
    return all.length === 0 ? answer : jsonAnswer(answer.status, { ...output, Messages: all });
  }

  async #makeVisible(call: AwsCall, ReceiptHandle: unknown): Promise<void> {
    const headers = { ...call.headers, "x-amz-target": "AmazonSQS.ChangeMessageVisibility" };
    await this.#ask(
      withInput({ ...call, headers }, { QueueUrl: call.input?.["QueueUrl"], ReceiptHandle, VisibilityTimeout: 0 }),
    );
  }

  #dated(attributes: unknown): unknown {
    if (!isRecord(attributes)) return attributes;
    const dated = ["SentTimestamp", "ApproximateFirstReceiveTimestamp"].filter((name) => name in attributes);
    const shifted = dated.map((name) => [name, String(Number(attributes[name]) + this.#faults.clockAhead)]);
    return { ...attributes, ...Object.fromEntries(shifted) };
  }

  #now(): number {
    return Date.now() + this.#faults.clockAhead;
  }

  #reply(response: ServerResponse, { status, headers, body }: AwsAnswer): void {
    response.writeHead(status, { ...headers, date: new Date(this.#now()).toUTCString() }).end(body);
  }
}

function throttle(call: AwsCall): AwsAnswer {
  const code = call.headers["x-amz-target"]?.includes("SQS")
    ? "RequestThrottled"
    : call.input
      ? "ThrottlingException"
      : "Throttling";
  return refusal(call, 400, code, "Rate exceeded");
}
