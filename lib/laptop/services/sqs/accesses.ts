import { access, requestTags, type Access } from "../../iam/access.ts";
import { arn } from "../../shared/account.ts";
import type { Call } from "../call.ts";
import { Input } from "../protocols/input.ts";
import { sourceOfTask } from "./api/move-tasks.ts";
import { nameInUrl } from "./api/queue-names.ts";

/** What a move task does beside being started: Service authorization reference, dependent actions of StartMessageMoveTask. */
const MOVING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** What a call accesses: Service authorization reference, "Actions, resources, and condition keys for Amazon SQS". A batch asks for the single action. */
export function sqsAccesses({ operation, input: members }: Call): Access[] {
  const input = new Input(members);
  const action = `sqs:${operation.replace(/Batch$/, "")}`;
  switch (operation) {
    case "ListQueues":
      return [access(action, "*")];
    case "GetQueueUrl":
      return [access(action, arn("sqs", input.text("QueueName")))];
    case "CreateQueue": {
      const queue = arn("sqs", input.text("QueueName"));
      const context = requestTags(new Map(Object.entries(input.textMap("tags"))));
      return [access(action, queue, context), ...(input.has("tags") ? [access("sqs:TagQueue", queue, context)] : [])];
    }
    case "ListMessageMoveTasks":
      return [access(action, input.text("SourceArn"))];
    case "CancelMessageMoveTask":
      return [access(action, sourceOfTask(input.text("TaskHandle")))];
    case "StartMessageMoveTask": {
      const destination = input.optionalText("DestinationArn");
      const source = input.text("SourceArn");
      return [
        ...[action, ...MOVING].map((each) => access(each, source)),
        ...(destination === undefined ? [] : [access("sqs:SendMessage", destination)]),
      ];
    }
    case "TagQueue":
      return [access(action, ofUrl(input), requestTags(new Map(Object.entries(input.textMap("Tags")))))];
    case "UntagQueue":
      return [access(action, ofUrl(input), requestTags(new Map(), input.texts("TagKeys")))];
    default:
      return [access(action, ofUrl(input))];
  }
}

function ofUrl(input: Input): string {
  return arn("sqs", nameInUrl(input.text("QueueUrl")));
}
