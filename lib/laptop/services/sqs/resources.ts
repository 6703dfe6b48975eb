import { created, fifoName, physicalName, type Created, type Resource } from "../../cloudformation/resource.ts";
import { arn, queueUrl } from "../../shared/account.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { CloudError } from "../../shared/errors.ts";
import { isRecord } from "../../shared/json.ts";
import type { CloudContext } from "../context.ts";
import type { Service } from "../service.ts";
import { nameInUrl } from "./api/queue-names.ts";
import { checkAttributes, SETTABLE } from "./engine/attributes.ts";
import type { Queues } from "./engine/queues.ts";

const LONGEST_NAME = 80;

/** Attributes that are properties of a queue in a template; its policy is a separate resource there. */
const PROPERTIES = [...SETTABLE].filter((name) => name !== "Policy");

/** Queues and their policies. */
export function sqsResources(queues: Queues, context: CloudContext): Service["resources"] {
  return {
    "AWS::SQS::Queue": (resource) => queue(resource, queues, context),
    "AWS::SQS::QueuePolicy": (resource) =>
      queuePolicy(resource, resource.properties.list("Queues").map(String), queues, context),
    "AWS::SQS::QueueInlinePolicy": (resource) => queuePolicy(resource, [resource.properties.text("Queue")], queues, context),
  };
}

function queue(resource: Resource, queues: Queues, { port }: CloudContext): Created {
  const { properties } = resource;
  const fifo = properties.flag("FifoQueue");
  const name = (fifo ? fifoName : physicalName)(resource, "QueueName", LONGEST_NAME);
  const attributes = checked(resource, properties.attributes(PROPERTIES), fifo);
  const tags = tagsOf(properties.list("Tags"));
  const known = queues.byName(name);
  if (known) {
    known.resetAttributes(attributes);
    known.setTags(tags);
  }
  const queueArn = (known ?? queues.create(name, attributes, tags)).arn;
  const url = queueUrl(port, name);
  return created(url, { Arn: queueArn, QueueName: name, QueueUrl: url });
}

function queuePolicy(resource: Resource, urls: readonly string[], queues: Queues, { iam }: CloudContext): Created {
  const document = resource.properties.raw("PolicyDocument");
  for (const url of urls) {
    const name = nameInUrl(url);
    queues.byName(name)?.setAttributes({ Policy: JSON.stringify(document) });
    iam.policies.setResourcePolicy(arn("sqs", name), document, resource);
  }
  return created(resource.logicalId);
}

/** @throws CloudError where a property is none that such a queue can have */
function checked({ logicalId, stack }: Resource, attributes: Readonly<Record<string, string>>, fifo: boolean) {
  const { FifoQueue: _type, ...settable } = attributes;
  try {
    return checkAttributes(settable, fifo);
  } catch (thrown) {
    if (!(thrown instanceof AwsError)) throw thrown;
    throw new CloudError(`${logicalId} in stack ${stack}: ${thrown.message}`);
  }
}

function tagsOf(tags: readonly unknown[]): Record<string, string> {
  return Object.fromEntries(
    tags.flatMap((tag) => (isRecord(tag) ? [[String(tag["Key"]), String(tag["Value"])] as const] : [])),
  );
}
