import { randomBytes, randomUUID } from "node:crypto";
import { account } from "../../shared/account.ts";
import type { ObjectChange } from "./object-changes.ts";
import { messageOf } from "../../shared/errors.ts";

/** One notification of a bucket, as its template or its custom resource configures it. */
export interface BucketNotification {
  readonly bucket: string;
  readonly id: string;
  /** `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`, ... */
  readonly events: readonly string[];
  /** What an object's key begins and ends with; empty: any. */
  readonly prefix: string;
  readonly suffix: string;
  /** The ARN of a queue, topic or function. */
  readonly target: string;
}

/** Hands an event to its target. @throws Error where the target does not take it. */
export type Deliver = (targetArn: string, event: ObjectEvent) => Promise<void>;

/** What S3 sends. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export interface ObjectEvent {
  readonly Records: readonly [ObjectRecord];
}

interface ObjectRecord {
  readonly eventVersion: "2.1";
  readonly eventSource: "aws:s3";
  readonly awsRegion: string;
  readonly eventTime: string;
  readonly eventName: ObjectChange["event"];
  readonly userIdentity: { readonly principalId: string };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: { readonly "x-amz-request-id": string; readonly "x-amz-id-2": string };
  readonly s3: {
    readonly s3SchemaVersion: "1.0";
    readonly configurationId: string;
    readonly bucket: { readonly name: string; readonly ownerIdentity: { readonly principalId: string }; readonly arn: string };
    readonly object: {
      /** URL-encoded, with `+` for a space. */
      readonly key: string;
      readonly size?: number;
      readonly eTag?: string;
      /** Of two events of one key, the later one's is greater. */
      readonly sequencer: string;
    };
  };
}

/** Tells queues, topics and functions what happens to the objects of buckets. */
export class ObjectNotifications {
  readonly #notifications: readonly BucketNotification[];
  readonly #deliver: Deliver;
  readonly #onDone: (failure?: string) => void;
  #delivering = 0;
  #sequence = 0;

  /** `onDone` is called after each delivery, with one line where it failed. */
  constructor(notifications: readonly BucketNotification[], deliver: Deliver, onDone: (failure?: string) => void) {
    this.#notifications = notifications;
    this.#deliver = deliver;
    this.#onDone = onDone;
  }

  /** Deliveries that have not ended. */
  get delivering(): number {
    return this.#delivering;
  }

  /** Delivers a change wherever a notification asks for it. */
  readonly notify = (change: ObjectChange): void => {
    for (const notification of this.#notifications) {
      if (wants(notification, change)) void this.#send(notification, change);
    }
  };

  async #send({ id, target, bucket }: BucketNotification, change: ObjectChange): Promise<void> {
    this.#delivering += 1;
    const event = objectEvent(change, id, (this.#sequence += 1));
    const failure = await this.#deliver(target, event).then(
      () => undefined,
      (error: unknown) => `${bucket} cannot tell ${target} of ${change.key}: ${messageOf(error)}`,
    );
    this.#delivering -= 1;
    this.#onDone(failure);
  }
}

function wants({ bucket, events, prefix, suffix }: BucketNotification, change: ObjectChange): boolean {
  if (bucket !== change.bucket || !change.key.startsWith(prefix) || !change.key.endsWith(suffix)) return false;
  return events.some((event) => {
    const name = event.replace(/^s3:/, "");
    return name.endsWith("*") ? change.event.startsWith(name.slice(0, -1)) : change.event === name;
  });
}

function objectEvent(change: ObjectChange, configurationId: string, sequence: number): ObjectEvent {
  const { bucket, key, event } = change;
  return {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: account.region,
        eventTime: new Date().toISOString(),
        eventName: event,
        userIdentity: { principalId: account.id },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": randomUUID(), "x-amz-id-2": randomBytes(24).toString("base64") },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId,
          bucket: { name: bucket, ownerIdentity: { principalId: account.id }, arn: `arn:${account.partition}:s3:::${bucket}` },
          object: {
            key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
            ...(change.event === "ObjectRemoved:Delete" ? {} : { size: change.size, eTag: change.eTag }),
            sequencer: `${Date.now().toString(16)}${sequence.toString(16).padStart(8, "0")}`.toUpperCase().padStart(20, "0"),
          },
        },
      },
    ],
  };
}
