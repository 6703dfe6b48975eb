import type { Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { messageOf } from "../../shared/errors.ts";
import { textOf } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import type { Output, Service } from "../service.ts";
import { s3Accesses } from "./accesses.ts";
import { BucketPolicies } from "./bucket-policies.ts";
import { type S3Engine, startS3 } from "./engine.ts";
import { engineOperations, engineRequest } from "./engine-request.ts";
import type { ObjectChange } from "./object-changes.ts";
import { type BucketNotification, type ObjectEvent, ObjectNotifications } from "./object-notifications.ts";
import { protocol } from "./protocol.ts";
import { s3Resources } from "./resources.ts";

/** S3: buckets, objects, and the notifications of both. Objects do not expire here. */
export class S3Service implements Service {
  readonly name = "s3";
  readonly address = { hosts: /\.localhost(:\d+)?$/i };
  /** S3's parts go up to this in practice (fauxqs reads no larger body). */
  readonly bodyLimit = 11 * 1_024 * 1_024;
  readonly resources: Service["resources"];
  readonly #engine: S3Engine;
  readonly #policies: BucketPolicies;
  readonly #notifications: ObjectNotifications;

  private constructor(
    engine: S3Engine,
    notifications: ObjectNotifications,
    planned: BucketNotification[],
    context: CloudContext,
  ) {
    this.#engine = engine;
    this.#policies = new BucketPolicies(context.iam.policies, engine.store, context.database);
    this.#notifications = notifications;
    this.resources = s3Resources(engine.store, planned, context);
  }

  static async create(context: CloudContext): Promise<S3Service> {
    const planned: BucketNotification[] = [];
    const { activity, changes, handOver } = context;
    const deliver = async (target: string, event: ObjectEvent): Promise<void> => {
      const from = { service: "s3.amazonaws.com", sourceArn: event.Records[0].s3.bucket.arn };
      await handOver.give(from, target, { event, subject: "Amazon S3 Notification" });
    };
    const notifications = new ObjectNotifications(planned, deliver, (failure) => {
      if (failure !== undefined) activity.notice(failure);
      changes.notify();
    });
    const onChange = (change: ObjectChange): void => notifications.notify(change);
    const engine = await startS3(context.folder?.path("objects"), onChange);
    return new S3Service(engine, notifications, planned, context);
  }

  protocol(): typeof protocol {
    return protocol;
  }

  async handle(call: Call): Promise<Output> {
    const ofPolicy = this.#policies.handle(call);
    if (ofPolicy) return ofPolicy;
    if (!engineOperations.has(call.operation)) throw notServed(call);
    try {
      const answer = await this.#engine.answer(engineRequest(call));
      if (call.operation === "DeleteBucket" && answer.status < 300) this.#policies.forget(textOf(call.input["Bucket"]) ?? "");
      return answer;
    } catch (error) {
      throw new AwsError("InvalidRequest", messageOf(error));
    }
  }

  accesses(call: Call): readonly Access[] | "open" {
    return s3Accesses(call);
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDenied", refusalMessage(refused, { resource: `"${refused.resource}"` }), 403);
  }

  throttled(message: string): AwsError {
    return new AwsError("SlowDown", message, 503);
  }

  remaining(): readonly string[] {
    const { delivering } = this.#notifications;
    return delivering === 0 ? [] : [`${delivering} events of objects are on their way`];
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
  }
}

function notServed({ operation, request: { method, path } }: Call): AwsError {
  if (operation === "Preflight")
    return new AwsError("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.", 403);
  if (operation === "")
    return new AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
  return new AwsError("NotImplemented", `The laptop cloud's S3 has no ${operation} (${method} ${path}).`, 501);
}
