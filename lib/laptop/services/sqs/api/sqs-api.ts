import type { Call } from "../../call.ts";
import type { CloudContext } from "../../context.ts";
import { Input } from "../../protocols/input.ts";
import type { MoveTasks } from "../engine/move-tasks.ts";
import type { Queue } from "../engine/queue.ts";
import type { Queues } from "../engine/queues.ts";
import { changeMessageVisibility, changeMessageVisibilityBatch } from "./messages/change-visibility-timeout.ts";
import { deleteMessage, deleteMessageBatch } from "./messages/delete.ts";
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from "./move-tasks.ts";
import { addPermission, removePermission } from "./permissions.ts";
import { purgeQueue } from "./purge.ts";
import { getQueueAttributes, setQueueAttributes } from "./queue-attributes.ts";
import { createQueue, getQueueUrl, nameInUrl, pageOfUrls } from "./queue-names.ts";
import { receiveMessage } from "./messages/receive.ts";
import { noSuchQueue } from "./refusals.ts";
import { sendMessage, sendMessageBatch } from "./messages/send.ts";
import { listQueueTags, tagQueue, untagQueue } from "./tags.ts";

type Result = Record<string, unknown> | Promise<Record<string, unknown>>;

/** What the calls of SQS work on. */
export interface SqsState {
  readonly queues: Queues;
  readonly tasks: MoveTasks;
  readonly context: CloudContext;
}

/** What an action does that is about no queue, or about more than one. */
const ACTIONS: Readonly<Record<string, (input: Input, state: SqsState) => Result>> = {
  CreateQueue: (input, { queues, context }) => createQueue(queues, context, input),
  GetQueueUrl: (input, { queues, context }) => getQueueUrl(queues, context.port, input),
  ListQueues: (input, { queues, context }) => pageOfUrls("QueueUrls", queues.all(), context.port, input),
  StartMessageMoveTask: (input, { queues, tasks, context }) => startMessageMoveTask(queues, tasks, context.clock, input),
  ListMessageMoveTasks: (input, { queues, tasks }) => listMessageMoveTasks(queues, tasks, input),
  CancelMessageMoveTask: (input, { queues, tasks }) => cancelMessageMoveTask(queues, tasks, input),
};

/** What an action does with the queue that its QueueUrl names. */
const QUEUE_ACTIONS: Readonly<Record<string, (queue: Queue, input: Input, state: SqsState, call: Call) => Result>> = {
  SendMessage: (queue, input, _state, { request }) => sendMessage(queue, input, request),
  SendMessageBatch: (queue, input, _state, { request }) => sendMessageBatch(queue, input, request),
  ReceiveMessage: (queue, input, _state, { signal }) => receiveMessage(queue, input, signal),
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  GetQueueAttributes: getQueueAttributes,
  SetQueueAttributes: (queue, input, { queues, context }) => setQueueAttributes(queue, queues, context.iam.policies, input),
  AddPermission: (queue, input, { context }) => addPermission(queue, context.iam.policies, input),
  RemovePermission: (queue, input, { context }) => removePermission(queue, context.iam.policies, input),
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
  ListQueueTags: listQueueTags,
  PurgeQueue: (queue, _input, { context }) => purgeQueue(queue, context.clock),
  ListDeadLetterSourceQueues: (queue, input, { queues, context }) => ({
    queueUrls: [],
    ...pageOfUrls("queueUrls", queues.sourcesOf(queue), context.port, input),
  }),
  DeleteQueue: (queue, _input, { queues }) => {
    queues.delete(queue);
    return {};
  },
};

/** Carries out a call of SQS. @throws AwsError as SQS refuses */
export function carryOut(call: Call, state: SqsState): Result {
  const input = new Input(call.input);
  const action = ACTIONS[call.operation];
  if (action) return action(input, state);
  const queueAction = QUEUE_ACTIONS[call.operation];
  if (!queueAction) throw new TypeError(`SQS has a shape and no code for ${call.operation}`);
  const queue = state.queues.byName(nameInUrl(input.text("QueueUrl")));
  if (!queue) throw noSuchQueue();
  return queueAction(queue, input, state, call);
}
