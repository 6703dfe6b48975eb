import type { IncomingMessage, ServerResponse } from "node:http";
import type { MessagingEngine } from "./fauxqs.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { readBody, refuseLarge } from "../../gateway/http.ts";
import { peekBody } from "../../gateway/peek-body.ts";
import { callEngine } from "../sqs/call-engine.ts";
import { jsonProtocol, queryProtocol } from "../sqs/protocols.ts";

/** S3's parts go up to this in practice (fauxqs reads no larger body). */
const OBJECT_LIMIT = 11 * 1_024 * 1_024;
/** SQS takes 1 MiB at a time, which escapes make longer: threefold at the most in a form. */
const MESSAGE_LIMIT = 4 * 1_024 * 1_024;

/** The version that calls of SQS's Query protocol name; those of SNS and STS name others. */
const SQS_VERSION = "2012-11-05";

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

  /** Answers a call of SQS: in the JSON protocol where it has a target (X-Amz-Target), else in the Query protocol. */
  async handleSqs(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const protocol = target === "" ? queryProtocol : jsonProtocol;
    const ended = this.#track(response, target === "" || target.startsWith("AmazonSQS.Send"));
    try {
      const call = protocol.read(request, await readBody(request, MESSAGE_LIMIT));
      if (!call.name.startsWith("Send")) ended();
      protocol.answer(response, call, await callEngine(this.#engine, call, request));
    } catch (thrown) {
      if (!(thrown instanceof AwsError)) throw thrown;
      protocol.refuse(response, thrown);
    }
  }

  /** Answers a call of the Query protocol: of SNS or STS, which speak no other, or an unsigned one that turns out to be of SQS. */
  async handleQuery(request: IncomingMessage, response: ServerResponse): Promise<void> {
    refuseLarge(request, MESSAGE_LIMIT);
    if (request.headers.authorization === undefined && (await peekBody(request)).includes(`Version=${SQS_VERSION}`))
      return this.handleSqs(request, response, "");
    if (request.method !== "POST") throw new AwsError("MethodNotAllowed", `${request.method} is not allowed here.`, 405);
    request.url = "/";
    // Whatever it is called, nothing but a form is spoken here.
    request.headers["content-type"] = "application/x-www-form-urlencoded";
    this.#track(response, true);
    this.#pass(request, response, MESSAGE_LIMIT);
  }

  handleS3(request: IncomingMessage, response: ServerResponse): void {
    this.#pass(request, response, OBJECT_LIMIT);
  }

  /** Counts a call that sends, until it has been answered or the function that is handed back says that it sends nothing. */
  #track(response: ServerResponse, sends: boolean): () => void {
    let counted = sends;
    if (counted) this.#sending++;
    const ended = () => {
      if (counted) this.#sending--;
      counted = false;
    };
    response.once("close", () => {
      ended();
      this.#onChange();
    });
    return ended;
  }

  #pass(request: IncomingMessage, response: ServerResponse, limit: number): void {
    refuseLarge(request, limit);
    this.#engine.handle(request, response);
  }
}
