import type { IncomingMessage, ServerResponse } from "node:http";
import type { MessagingEngine } from "../engines/fauxqs.ts";
import { AwsError, tooLarge } from "../http.ts";

/** S3's parts go up to this in practice (fauxqs reads no larger body); SNS and SQS messages are far smaller. */
const OBJECT_LIMIT = 11 * 1_024 * 1_024;
const MESSAGE_LIMIT = 2 * 1_024 * 1_024;

/** SNS, SQS, S3 and STS: passed to the engine in this process, and counted while a message is being sent. */
export class MessagingService {
  readonly #engine: MessagingEngine;
  readonly #onChange: () => void;
  #sending = 0;

  /** `onChange` is called after each call that may have changed what a queue holds. */
  constructor(engine: MessagingEngine, onChange: () => void) {
    this.#engine = engine;
    this.#onChange = onChange;
  }

  /** How many calls that publish or send are being answered. */
  get sending(): number {
    return this.#sending;
  }

  /** Answers a call of the SQS JSON protocol; `target` is its X-Amz-Target. */
  handleSqs(request: IncomingMessage, response: ServerResponse, target: string): void {
    // Some clients post to the queue's own URL; the engine reads the queue from the body.
    request.url = "/";
    this.#track(response, target.startsWith("AmazonSQS.Send"));
    this.#pass(request, response, MESSAGE_LIMIT);
  }

  /** Answers a call of the Query protocol, which SNS and STS speak. */
  handleQuery(request: IncomingMessage, response: ServerResponse): void {
    request.url = "/";
    this.#track(response, true);
    this.#pass(request, response, MESSAGE_LIMIT);
  }

  handleS3(request: IncomingMessage, response: ServerResponse): void {
    this.#pass(request, response, OBJECT_LIMIT);
  }

  #track(response: ServerResponse, sends: boolean): void {
    if (sends) this.#sending++;
    response.once("close", () => {
      if (sends) this.#sending--;
      this.#onChange();
    });
  }

  #pass(request: IncomingMessage, response: ServerResponse, limit: number): void {
    if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge(limit);
    this.#engine.handle(request, response);
  }
}

/** Refuses what the engine does not speak: SQS's former protocol, which older AWS CLIs use. */
export function refuseQueryOfSqs(): never {
  throw new AwsError("InvalidAction", "SQS is spoken in its JSON protocol here. Use a current AWS CLI or SDK.");
}
