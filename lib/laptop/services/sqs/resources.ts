import { arn, queueUrl } from "../../shared/account.ts";
import { created, fifoName, physicalName, type Created, type Resource } from "../../cloudformation/resource.ts";
import type { CloudContext } from "../context.ts";
import type { MessagingEngine } from "../fauxqs/fauxqs.ts";
import type { Service } from "../service.ts";

const QUEUE_ATTRIBUTES = [
  "VisibilityTimeout",
  "DelaySeconds",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "ReceiveMessageWaitTimeSeconds",
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "SqsManagedSseEnabled",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
];
const LONGEST_NAME = 80;

/** SQS: queues and their policies. */
export function sqsResources(engine: MessagingEngine, queues: Set<string>, context: CloudContext): Service["resources"] {
  return {
    "AWS::SQS::Queue": (resource) => queue(resource, engine, queues, context.port),
    "AWS::SQS::QueuePolicy": (resource) => queuePolicy(resource, engine, context),
  };
}

function queue(resource: Resource, { sqs }: MessagingEngine, queues: Set<string>, port: number): Created {
  const nameOf = resource.properties.flag("FifoQueue") ? fifoName : physicalName;
  const name = nameOf(resource, "QueueName", LONGEST_NAME);
  const attributes = resource.properties.attributes(QUEUE_ATTRIBUTES);
  const queueArn = arn("sqs", name);
  const url = queueUrl(port, name);
  const known = sqs.getQueueByArn(queueArn);
  // An attribute that the template no longer has goes back to its default; RedrivePolicy does so by an empty text.
  if (known) known.setAttributes({ ...DEFAULTS, ...attributes });
  else sqs.createQueue(name, url, queueArn, attributes);
  queues.add(queueArn);
  return created(url, { Arn: queueArn, QueueName: name, QueueUrl: url });
}

/** SQS's own defaults, in seconds and bytes (API reference, CreateQueue). */
const DEFAULTS = {
  VisibilityTimeout: "30",
  DelaySeconds: "0",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  RedrivePolicy: "",
} as const;

function queuePolicy(resource: Resource, { sqs }: MessagingEngine, { iam: { policies } }: CloudContext): Created {
  const { logicalId, properties } = resource;
  const policy = JSON.stringify(properties.raw("PolicyDocument"));
  for (const url of properties.list("Queues").map(String)) {
    sqs.getQueue(url)?.setAttributes({ Policy: policy });
    policies.setResourcePolicy(arn("sqs", url.slice(url.lastIndexOf("/") + 1)), properties.raw("PolicyDocument"), resource);
  }
  return created(logicalId);
}
