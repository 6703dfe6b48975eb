import type { SQSRecord } from "aws-lambda";
import { mapLimited } from "./concurrency.ts";
import { toError } from "./errors.ts";
import { holdUp, withOwnReceives } from "./held-up.ts";
import { handleRecord, type Outcome, type Run } from "./record.ts";
import type { Deadline } from "./deadline.ts";
import { handleSuspect } from "./suspect-record.ts";
import { acknowledge, inOrderOfTrust, isSuspect } from "./suspects.ts";

type Handle = (record: SQSRecord) => Promise<Outcome>;

/**
 * The records of a FIFO queue: those of one group in order, groups side by side. When one is to come back, every later one of
 * its group comes back with it, unhandled. Returns the records to report as failed.
 */
export async function handleGroups(run: Run, received: readonly SQSRecord[], time: Deadline): Promise<SQSRecord[]> {
  let records: readonly SQSRecord[];
  try {
    records = await withOwnReceives(run, received);
  } catch (error) {
    run.log.warn("events not handled, retried later: their attempts could not be read", { error: toError(error) });
    return [...received];
  }
  const groups = [...Map.groupBy(records, ({ attributes }) => attributes.MessageGroupId).values()];
  const wary = groups.filter((group) => group.some(isSuspect));
  const calm = groups.filter((group) => !group.some(isSuspect));
  const handle: Handle = (record) => handleRecord(run, record, time);
  const failed = (await mapLimited(calm, calm.length, (group) => handleGroup(run, group, time, handle))).flat();
  if (wary.length === 0) return failed;
  const settled = calm.flat().filter((record) => !failed.includes(record));
  return [...failed, ...(await handleWaryGroups(run, wary, settled, time))];
}

/** Handles a group's records in order, up to the first that is to come back; returns that one and all behind it. */
async function handleGroup(run: Run, group: readonly SQSRecord[], time: Deadline, handle: Handle): Promise<SQSRecord[]> {
  for (const [index, record] of group.entries()) {
    const hadTurn = !time.signal.aborted;
    if (hadTurn && (await handle(record)) !== "retry") continue;
    await holdUp(run, group.slice(hadTurn ? index + 1 : index));
    return group.slice(index);
  }
  return [];
}

/** Groups with a suspect, one record at a time, each only after everything settled before it is safely acknowledged. */
async function handleWaryGroups(
  run: Run,
  groups: readonly (readonly SQSRecord[])[],
  settledBefore: readonly SQSRecord[],
  time: Deadline,
): Promise<SQSRecord[]> {
  let settled = [...settledBefore];
  const failed = new Set(groups.flat());
  try {
    const suspects = await inOrderOfTrust(run, groups.flat().filter(isSuspect));
    const reputes = new Map(suspects.map(({ record, repute }) => [record, repute]));
    const handle: Handle = async (record) => {
      await acknowledge(run, settled);
      settled = [];
      const repute = reputes.get(record);
      const outcome = repute ? await handleSuspect(run, record, repute, time) : await handleRecord(run, record, time);
      if (outcome === "retry") return outcome;
      failed.delete(record);
      settled = [record];
      return outcome;
    };
    // A group is as trustworthy as its worst record, and the records of a group keep their order.
    const inOrder = [...new Set(suspects.toReversed().map(({ record }) => groups.find((group) => group.includes(record))!))];
    for (const group of inOrder.toReversed()) await handleGroup(run, group, time, handle);
  } catch (error) {
    run.log.warn("events not handled, retried later: the care for events that end the process failed", {
      error: toError(error),
    });
  }
  return [...failed];
}
