import { isRecord } from "../../shared/json.ts";
import type { BucketNotification } from "./object-notifications.ts";
import { created, type Created, type Resource } from "../../cloudformation/resource.ts";
import type { S3Store } from "./fauxqs.ts";

/** How a list of notifications is written: the list, whose members it names, and where in a member the target's ARN stands. */
interface Form {
  readonly list: string;
  readonly target: string;
}

/** CloudFormation's form: CloudFormation reference, AWS::S3::Bucket NotificationConfiguration. */
const TEMPLATE_FORMS: readonly Form[] = [
  { list: "QueueConfigurations", target: "Queue" },
  { list: "TopicConfigurations", target: "Topic" },
  { list: "LambdaConfigurations", target: "Function" },
];

/** The API's form: API reference, PutBucketNotificationConfiguration. */
const API_FORMS: readonly Form[] = [
  { list: "QueueConfigurations", target: "QueueArn" },
  { list: "TopicConfigurations", target: "TopicArn" },
  { list: "LambdaFunctionConfigurations", target: "LambdaFunctionArn" },
];

/** `Custom::S3BucketNotifications`, by which the CDK configures the notifications of a bucket. */
export function customNotifications(resource: Resource, store: S3Store, planned: BucketNotification[]): Created {
  const { logicalId, properties } = resource;
  const bucket = properties.text("BucketName");
  if (store.hasBucket(bucket)) plan(bucket, properties.raw("NotificationConfiguration"), API_FORMS, resource, planned);
  else resource.report(`nothing is told of the objects of ${bucket}, which is not here`);
  return created(logicalId);
}

/** The notifications that a bucket's own properties configure. */
export function templateNotifications(bucket: string, resource: Resource, planned: BucketNotification[]): void {
  plan(bucket, resource.properties.raw("NotificationConfiguration"), TEMPLATE_FORMS, resource, planned);
}

function plan(
  bucket: string,
  configuration: unknown,
  forms: readonly Form[],
  resource: Resource,
  planned: BucketNotification[],
): void {
  if (!isRecord(configuration)) return;
  for (const form of forms) {
    for (const [index, entry] of members(configuration[form.list]).entries()) {
      const id = typeof entry["Id"] === "string" ? entry["Id"] : `${resource.logicalId}-${form.target}-${index}`;
      planned.push(notificationOf(bucket, id, entry, form));
    }
  }
  if (isRecord(configuration["EventBridgeConfiguration"])) {
    resource.report("its events do not go to EventBridge; those to queues, topics and functions do");
  }
}

function notificationOf(bucket: string, id: string, entry: Record<string, unknown>, { target }: Form): BucketNotification {
  const events = entry["Events"] ?? [entry["Event"]];
  return {
    bucket,
    id,
    events: Array.isArray(events) ? events.map(String) : [],
    prefix: filterValue(entry["Filter"], "prefix"),
    suffix: filterValue(entry["Filter"], "suffix"),
    target: String(entry[target]),
  };
}

/** A template writes the rules below S3Key, the API below Key. */
function filterValue(filter: unknown, name: "prefix" | "suffix"): string {
  if (!isRecord(filter)) return "";
  const key = filter["S3Key"] ?? filter["Key"];
  const rules = isRecord(key) ? members(key["Rules"] ?? key["FilterRules"]) : [];
  const rule = rules.find((it) => String(it["Name"]).toLowerCase() === name);
  return typeof rule?.["Value"] === "string" ? rule["Value"] : "";
}

function members(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
