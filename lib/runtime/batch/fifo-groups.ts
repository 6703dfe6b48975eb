import type { SQSRecord } from "aws-lambda";
import { mapLimited } from "../concurrency.ts";
import { toError } from "../errors.ts";
import type { Deadline } from "../lambda/deadline.ts";
import type { ConsumerContext, Outcome } from "../record/consumer-context.ts";
import { handleRecord } from "../record/handle-record.ts";
import { acknowledge } from "./acknowledge.ts";
import { handleSuspect } from "./handle-suspect.ts";
import { holdUp, withOwnReceives } from "./held-up.ts";
import { isSuspect, leastRiskyFirst } from "./suspects.ts";

type Handle = (record: SQSRecord) => Promise<Outcome>;

/**
 * Handles the records of a FIFO queue: one message group in order, different groups concurrently. When a record has to be
 * retried, every later one of its group is returned with it, unhandled. Returns the records to report as failed.
 */
export async function handleGroups(
  context: ConsumerContext,
  received: readonly SQSRecord[],
  time: Deadline,
): Promise<SQSRecord[]> {
  let records: readonly SQSRecord[];
  try {
    records = await withOwnReceives(context, received);
  } catch (error) {
    context.log.warn("events not handled, retried later: their attempts could not be read", { error: toError(error) });
    return [...received];
  }
  const groups = [...Map.groupBy(records, ({ attributes }) => attributes.MessageGroupId).values()];
  const suspect = groups.filter((group) => group.some(isSuspect));
  const others = groups.filter((group) => !group.some(isSuspect));
  const handle: Handle = (record) => handleRecord(context, record, time);
  const failed = (await mapLimited(others, others.length, (group) => handleGroup(context, group, time, handle))).flat();
  if (suspect.length === 0) return failed;
  const finished = others.flat().filter((record) => !failed.includes(record));
  return [...failed, ...(await handleSuspectGroups(context, suspect, finished, time))];
}

/** Handles a group's records in order until one has to be retried; returns that one and all behind it. */
async function handleGroup(
  context: ConsumerContext,
  group: readonly SQSRecord[],
  time: Deadline,
  handle: Handle,
): Promise<SQSRecord[]> {
  for (const [index, record] of group.entries()) {
    const hadTurn = !time.signal.aborted;
    if (hadTurn && (await handle(record)) !== "retry") continue;
    await holdUp(context, group.slice(hadTurn ? index + 1 : index));
    return group.slice(index);
  }
  return [];
}

/** Handles groups that hold a suspect, one record at a time, each only after everything finished before it is acknowledged. */
async function handleSuspectGroups(
  context: ConsumerContext,
  groups: readonly (readonly SQSRecord[])[],
  finishedBefore: readonly SQSRecord[],
  time: Deadline,
): Promise<SQSRecord[]> {
  let finished = [...finishedBefore];
  const failed = new Set(groups.flat());
  try {
    const suspects = await leastRiskyFirst(context, groups.flat().filter(isSuspect));
    const histories = new Map(suspects.map(({ record, history }) => [record, history]));
    const handle: Handle = async (record) => {
      await acknowledge(context, finished);
      finished = [];
      const history = histories.get(record);
      const outcome = history ? await handleSuspect(context, record, history, time) : await handleRecord(context, record, time);
      if (outcome === "retry") return outcome;
      failed.delete(record);
      finished = [record];
      return outcome;
    };
    // A group is as risky as its riskiest record, and the records of a group keep their order.
    const inOrder = [...new Set(suspects.toReversed().map(({ record }) => groups.find((group) => group.includes(record))!))];
    for (const group of inOrder.toReversed()) await handleGroup(context, group, time, handle);
  } catch (error) {
    context.log.warn("events not handled, retried later: their crash marks could not be kept", { error: toError(error) });
  }
  return [...failed];
}
