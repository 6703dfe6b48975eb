import { arn, queueUrl } from "../account.ts";
import { created, physicalName, type Created, type Deployment, type Resource, type ResourceHandler } from "./resource.ts";

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
export const sqsResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::SQS::Queue": queue,
  "AWS::SQS::QueuePolicy": queuePolicy,
};

function queue(resource: Resource, { messaging: { sqs }, port, queues }: Deployment): Created {
  const name = queueName(resource);
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

function queueName(resource: Resource): string {
  if (!resource.properties.flag("FifoQueue")) return physicalName(resource, "QueueName", LONGEST_NAME);
  const suffix = ".fifo";
  const name = physicalName(resource, "QueueName", LONGEST_NAME - suffix.length);
  return name.endsWith(suffix) ? name : `${name}${suffix}`;
}

function queuePolicy({ logicalId, properties }: Resource, { messaging: { sqs } }: Deployment): Created {
  const policy = JSON.stringify(properties.raw("PolicyDocument"));
  for (const url of properties.list("Queues").map(String)) sqs.getQueue(url)?.setAttributes({ Policy: policy });
  return created(logicalId);
}
