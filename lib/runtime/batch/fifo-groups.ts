import type { SQSRecord } from "aws-lambda";
import { mapLimited } from "../concurrency.ts";
import { toError } from "../errors.ts";
import { type Received, receivesOf } from "../attempts/attempts.ts";
import type { InvocationContext, Outcome } from "../record/consumer-context.ts";
import { noteHeldUp, withNotedAttempts } from "../record/fifo-notes.ts";
import { backoffSeconds, hide } from "../record/retry.ts";
import { handleWatched } from "./handle-watched.ts";
import { findSuspects, OneByOne } from "./suspects.ts";

/** Handles a record; undefined when it has to wait for another invocation. */
type Handle = (received: Received) => Promise<Outcome | undefined>;

/**
 * Handles the records of a FIFO queue: one message group in order, different groups side by side. When a record has to be
 * retried, every later one of its group is returned with it, unhandled. Returns the records to report as failed.
 */
export async function handleGroups(context: InvocationContext, records: readonly SQSRecord[]): Promise<SQSRecord[]> {
  let received: Received[];
  try {
    received = await Promise.all(records.map((record) => withNotedAttempts(context, record)));
  } catch (error) {
    context.log.warn("events not handled, retried later: their attempts could not be read", { error: toError(error) });
    await Promise.all(records.map((record) => hide(context, record, backoffSeconds(receivesOf(record)))));
    return [...records];
  }
  const suspects = await findSuspects(context, received);
  const groups = [...Map.groupBy(received, ({ record }) => record.attributes.MessageGroupId).values()];
  if (suspects.length === 0) {
    return (await mapLimited(groups, groups.length, (group) => handleGroup(context, group, watched(context)))).flat();
  }

  // Least suspicious first: a group is as suspicious as its most suspicious record.
  const groupOf = (one: Received) => groups.findLastIndex((group) => group.includes(one));
  const inOrder = [...new Set(suspects.toReversed().map((suspect) => groupOf(suspect.received)))].toReversed();
  const others = groups.filter((_, index) => !inOrder.includes(index)).flat();
  await putBack(context, others);
  const failed = others.map(({ record }) => record);
  const alone = new OneByOne(context);
  const handle: Handle = (one) => alone.handle(one, suspects.find((suspect) => suspect.received === one)?.mark);
  for (const index of inOrder) failed.push(...(await handleGroup(context, groups[index]!, handle)));
  return failed;
}

function watched(context: InvocationContext): Handle {
  return async (received) => (context.time.signal.aborted ? undefined : handleWatched(context, received));
}

/** Handles a group's records in order until one has to be retried; returns that one and all behind it. */
async function handleGroup(context: InvocationContext, group: readonly Received[], handle: Handle): Promise<SQSRecord[]> {
  for (const [index, received] of group.entries()) {
    const outcome = await handle(received);
    if (outcome !== undefined && outcome !== "retry") continue;
    await putBack(context, group.slice(outcome === undefined ? index : index + 1));
    return group.slice(index).map(({ record }) => record);
  }
  return [];
}

/**
 * Makes records that had no turn visible again at once, and notes it; in a group they stay behind the one that holds them up.
 * The caller reports them as failed.
 */
async function putBack(context: InvocationContext, received: readonly Received[]): Promise<void> {
  await Promise.all(received.map((one) => noteHeldUp(context, one)));
  // The last one first, so that the queue never sees a later record without the earlier ones.
  for (const { record } of received.toReversed()) await hide(context, record, 0);
}
