import type { SQSClient } from "@aws-sdk/client-sqs";
import { StageNames } from "#lib/constructs/names.ts";
import type { ServiceDefinition } from "#lib/contracts/index.ts";
import { topicsOf } from "#lib/contracts/topic.ts";
import type { DeadLetter } from "#lib/ops/dead-letters/letter.ts";
import { findServiceQueues, type LetterQueue } from "#lib/ops/dead-letters/queues.ts";
import { receiveLetters } from "#lib/ops/dead-letters/receive.ts";

/** Where the letters of a stage lie. */
export interface LetterStage {
  readonly sqs: SQSClient;
  readonly stage: string;
  /** Whether its queues are an emulator's, whose first empty answer can be taken. */
  readonly emulated: boolean;
}

/** Tells the letters that a test has made from everybody else's. */
export type IsMine = (letter: DeadLetter) => boolean;

/** What a service could not handle; the letters stay where they are, and are hidden from others while they are looked at. */
export async function readLetters(at: LetterStage, service: ServiceDefinition, isMine: IsMine): Promise<DeadLetter[]> {
  const { deadLetters } = await queuesOf(at, service);
  const found: DeadLetter[] = [];
  await visit(at, deadLetters, async (letter) => {
    if (isMine(letter)) found.push(letter);
  });
  return found;
}

/** Deletes letters of a service: what it could not handle, and what could not be delivered to it. */
export async function removeLetters(at: LetterStage, service: ServiceDefinition, isMine: IsMine): Promise<void> {
  const { deadLetters, undelivered } = await queuesOf(at, service);
  for (const queue of [deadLetters, ...undelivered]) {
    await visit(at, queue, async (letter, remove) => {
      if (isMine(letter)) await remove(letter);
    });
  }
}

async function visit(
  { sqs }: LetterStage,
  queue: LetterQueue,
  look: (letter: DeadLetter, remove: (letter: DeadLetter) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { signal } = new AbortController();
  await receiveLetters({ sqs, queue, signal }, async (letters, remove) => {
    for (const letter of letters) await look(letter, remove);
  });
}

function queuesOf({ sqs, stage, emulated }: LetterStage, service: ServiceDefinition) {
  const names = new StageNames(stage).service(service);
  const undelivered = topicsOf(service.consumes).map((topic) => names.undelivered(topic));
  const { queue, deadLetterQueue } = names;
  return findServiceQueues(sqs, service.name, { queue, deadLetterQueue, undelivered }, emulated);
}
