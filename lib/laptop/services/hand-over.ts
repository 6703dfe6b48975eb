import type { Sender } from "../iam/sender.ts";
import { CloudError } from "../shared/errors.ts";
import type { Service } from "./service.ts";

/** A message attribute, as SNS and SQS write it. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** An event on its way from one service to a resource of another. */
export interface Delivery {
  /** A queue and a topic get text: an object goes to them as JSON. A function gets the object. */
  readonly event: unknown;
  /** What e-mail subscribers of a topic would see. */
  readonly subject?: string;
  readonly attributes?: MessageAttributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** AWSTraceHeader: X-Ray's header of the event that this one came from. */
  readonly traceHeader?: string;
}

/** Decides whether somebody may do something to a resource. A refusal is noted in the activity log. */
export type MayHandOver = (from: Sender, action: string, resourceArn: string) => boolean;

/**
 * The one way in which an event goes from service to service: SNS deliveries, S3 notifications, Lambda's destinations and dead letters.
 * IAM decides on each, as it does on calls.
 */
export class HandOver {
  readonly #services = new Map<string, Service>();
  readonly #mayHandOver: MayHandOver;

  constructor(mayHandOver: MayHandOver) {
    this.#mayHandOver = mayHandOver;
  }

  /** Makes a service one to which events can be handed. */
  add(service: Service): void {
    this.#services.set(service.name, service);
  }

  /**
   * Hands an event to a queue, a topic, a function or whatever else the ARN names.
   *
   * @param from who hands it over, and must be allowed to
   * @throws Error at once, or rejects, where IAM or the resource refuses it
   */
  give(from: Sender, resourceArn: string, delivery: Delivery): void | Promise<void> {
    const service = this.#services.get(resourceArn.split(":", 3)[2] ?? "");
    if (service?.takes === undefined || service.take === undefined)
      throw new CloudError(`${resourceArn} takes no events on the laptop cloud`);
    if (!this.#mayHandOver(from, service.takes, resourceArn))
      throw new CloudError(`IAM refuses ${service.takes} on ${resourceArn}`);
    return service.take(resourceArn, delivery);
  }
}

/** The text of an event, for a queue or a topic. */
export function textOf({ event }: Delivery): string {
  return typeof event === "string" ? event : JSON.stringify(event);
}
