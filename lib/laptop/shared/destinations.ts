import { nameOf, queueUrl } from "./account.ts";
import type { MessagingEngine } from "../services/fauxqs/fauxqs.ts";
import { CloudError } from "./errors.ts";
import type { Sender } from "../iam/iam.ts";
import type { MessageAttributes } from "../services/sns/message.ts";

/** Invokes a function asynchronously: resolves once the event is taken. */
export type InvokeAsync = (functionArn: string, event: unknown) => void | Promise<void>;

/** Whether somebody may hand an event to a queue, a topic or a function by its ARN. */
export type MayHandOver = (from: Sender, arn: string) => boolean;

/** Hands events from one part of the cloud to queues, topics and functions, by their ARNs. */
export class Destinations {
  readonly #messaging: MessagingEngine;
  readonly #port: number;
  readonly #invokeAsync: InvokeAsync;
  readonly #mayHandOver: MayHandOver;

  /** `port` is the gateway's, which queue URLs name. */
  constructor(messaging: MessagingEngine, port: number, invokeAsync: InvokeAsync, mayHandOver: MayHandOver) {
    this.#messaging = messaging;
    this.#port = port;
    this.#invokeAsync = invokeAsync;
    this.#mayHandOver = mayHandOver;
  }

  /**
   * Hands one event on; to a queue or topic as JSON.
   *
   * @param from who hands it on, and must be allowed to
   * @param subject what e-mail subscribers of a topic would see
   * @param attributes of the message, where the destination is a queue or a topic
   * @throws Error where the destination refuses it, or is none of the three.
   */
  async send(from: Sender, arn: string, event: unknown, subject: string, attributes: MessageAttributes = {}): Promise<void> {
    if (!this.#mayHandOver(from, arn)) throw new CloudError("IAM refuses it");
    switch (arn.split(":")[2]) {
      case "sqs":
        return this.#toQueue(nameOf(arn), JSON.stringify(event), attributes);
      case "sns":
        return this.#messaging.publish(arn, JSON.stringify(event), subject, attributes);
      case "lambda":
        return this.#invokeAsync(arn, event);
      default:
        throw new CloudError(`${arn} is no queue, topic or function`);
    }
  }

  async #toQueue(name: string, body: string, attributes: MessageAttributes): Promise<void> {
    const input = { QueueUrl: queueUrl(this.#port, name), MessageBody: body, MessageAttributes: attributes };
    const answer = await this.#messaging.callSqs("SendMessage", input, undefined);
    if (answer.status !== 200) throw new CloudError(answer.body.toString());
  }
}
