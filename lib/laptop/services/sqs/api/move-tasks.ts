import { AwsError } from "../../../shared/aws-error.ts";
import type { Clock } from "../../../shared/clock.ts";
import { isRecord } from "../../../shared/json.ts";
import type { Input } from "../../protocols/input.ts";
import type { MoveTask } from "../engine/move-task.ts";
import type { MoveTasks } from "../engine/move-tasks.ts";
import type { Queue } from "../engine/queue.ts";
import type { Queues } from "../engine/queues.ts";
import { invalidParameter } from "./refusals.ts";

export function startMessageMoveTask(queues: Queues, tasks: MoveTasks, clock: Clock, input: Input): Record<string, unknown> {
  const source = existing(queues, "SourceArn", input.text("SourceArn"));
  const destinationArn = input.optionalText("DestinationArn");
  const destination = destinationArn === undefined ? undefined : existing(queues, "DestinationArn", destinationArn);
  if (destination === source) throw invalidParameter("Source queue arn and destination queue arn cannot be the same.");
  if (destination && destination.fifo !== source.fifo) {
    throw invalidParameter("Source queue and destination queue must be of the same type.");
  }
  if (queues.sourcesOf(source).length === 0) {
    throw invalidParameter("Source queue must be configured as a Dead Letter Queue.");
  }
  if (tasks.of(source.arn).some(({ status }) => status === "RUNNING")) {
    const message = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
    throw invalidParameter(message);
  }
  const task = tasks.start({
    source,
    destinationArn,
    targetFor: (deadLetterSource) => queues.byArn(destinationArn ?? deadLetterSource ?? ""),
    perSecond: input.integer("MaxNumberOfMessagesPerSecond"),
    clock,
  });
  return { TaskHandle: handleOf(task) };
}

export function listMessageMoveTasks(queues: Queues, tasks: MoveTasks, input: Input): Record<string, unknown> {
  const source = existing(queues, "SourceArn", input.text("SourceArn"));
  const listed = tasks.of(source.arn).slice(0, input.integer("MaxResults") ?? 1);
  return listed.length === 0 ? {} : { Results: listed.map(described) };
}

export function cancelMessageMoveTask(queues: Queues, tasks: MoveTasks, input: Input): Record<string, unknown> {
  const { taskId, sourceArn } = readHandle(input.text("TaskHandle"));
  const source = existing(queues, "SourceArn", sourceArn);
  const task = tasks.of(source.arn).find(({ id }) => id === taskId);
  if (task === undefined) throw new AwsError("ResourceNotFoundException", "Task does not exist.", 404);
  if (task.status !== "RUNNING") throw new AwsError("UnsupportedOperation", "Only active tasks can be cancelled.");
  task.end("CANCELLED");
  return { ApproximateNumberOfMessagesMoved: task.moved };
}

/** ARN of the queue that a task's handle names. @throws AwsError where it is not a handle */
export function sourceOfTask(handle: string): string {
  return readHandle(handle).sourceArn;
}

function existing(queues: Queues, parameter: string, arn: string): Queue {
  const queue = queues.byArn(arn);
  if (queue) return queue;
  const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
  throw new AwsError("ResourceNotFoundException", message, 404);
}

function described(task: MoveTask): Record<string, unknown> {
  const { status, sourceArn, moved, toMove, startedAt, failureReason, options } = task;
  const { destinationArn, perSecond } = options;
  return {
    ...(status === "RUNNING" && { TaskHandle: handleOf(task) }),
    Status: status,
    SourceArn: sourceArn,
    ...(destinationArn !== undefined && { DestinationArn: destinationArn }),
    ...(perSecond !== undefined && { MaxNumberOfMessagesPerSecond: perSecond }),
    ApproximateNumberOfMessagesMoved: moved,
    ApproximateNumberOfMessagesToMove: toMove,
    ...(failureReason !== undefined && { FailureReason: failureReason }),
    StartedTimestamp: startedAt,
  };
}

/** AWS's handles say which task of which queue they stand for. */
function handleOf({ id, sourceArn }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString("base64");
}

function readHandle(handle: string): { taskId: string; sourceArn: string } {
  try {
    const read: unknown = JSON.parse(Buffer.from(handle, "base64").toString());
    if (isRecord(read) && typeof read["taskId"] === "string" && typeof read["sourceArn"] === "string") {
      return { taskId: read["taskId"], sourceArn: read["sourceArn"] };
    }
  } catch {
    // Refused below, as any other handle that is none.
  }
  throw invalidParameter("Value for parameter TaskHandle is invalid.");
}
