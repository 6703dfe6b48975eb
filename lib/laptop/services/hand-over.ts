import type { Sender } from "../iam/sender.ts";
import { CloudError } from "../shared/errors.ts";
import type { Delivery } from "./delivery.ts";
import type { Service } from "./service.ts";

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
