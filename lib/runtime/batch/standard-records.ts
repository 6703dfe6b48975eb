import type { SQSRecord } from "aws-lambda";
import { mapLimited } from "../concurrency.ts";
import { carriedUnhandled, type Received, withCarriedAttempts } from "../attempts/attempts.ts";
import type { InvocationContext } from "../record/consumer-context.ts";
import { hide } from "../record/retry.ts";
import { sendAgain } from "../record/send-again.ts";
import { handleWatched } from "./handle-watched.ts";
import { findSuspects, OneByOne, type Suspect } from "./suspects.ts";

/** Handles the records of a standard queue side by side. Returns those to report as failed. */
export async function handleEach(context: InvocationContext, records: readonly SQSRecord[]): Promise<SQSRecord[]> {
  const received = records.map(withCarriedAttempts);
  const suspects = await findSuspects(context, received);
  if (suspects.length > 0) return handleSuspectsAlone(context, received, suspects);
  const outcomes = await mapLimited(received, received.length, (one) => handleWatched(context, one));
  return records.filter((_, index) => outcomes[index] === "retry");
}

/** Sends the others back, which other invocations handle at once, and handles the suspects one by one. */
async function handleSuspectsAlone(
  context: InvocationContext,
  received: readonly Received[],
  suspects: readonly Suspect[],
): Promise<SQSRecord[]> {
  const failed: SQSRecord[] = [];
  const sendBack = async (one: Received) => {
    if (!(await isSentBack(context, one))) failed.push(one.record);
  };
  const others = received.filter((one) => !suspects.some((suspect) => suspect.received === one));
  await Promise.all(others.map(sendBack));
  const alone = new OneByOne(context);
  for (const { received: suspect, mark } of suspects) {
    const outcome = await alone.handle(suspect, mark);
    if (outcome === undefined) await sendBack(suspect);
    else if (outcome === "retry") failed.push(suspect.record);
  }
  return failed;
}

/** Sends a record that had no turn to its queue again, which costs it no receive. Otherwise it stays, and comes back at once. */
async function isSentBack(context: InvocationContext, received: Received): Promise<boolean> {
  try {
    await sendAgain(context, received.record, carriedUnhandled(received), 0);
    return true;
  } catch {
    await hide(context, received.record, 0);
    return false;
  }
}
