import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import { AwsClock } from "#lib/ops/aws-clock.ts";
import { findLetter, replaceLetter } from "#lib/ops/dead-letters/edit.ts";
import { exportLine } from "#lib/ops/dead-letters/export-line.ts";
import { parseExportLine } from "#lib/ops/dead-letters/import-letter.ts";
import { importLines } from "#lib/ops/dead-letters/import-lines.ts";
import type { DeadLetter } from "#lib/ops/dead-letters/letter.ts";
import { purgeLetters } from "#lib/ops/dead-letters/purge.ts";
import { receiveLetters } from "#lib/ops/dead-letters/receive.ts";
import { redriveLetters } from "#lib/ops/dead-letters/redrive.ts";
import { Selection } from "#lib/ops/dead-letters/select.ts";
import { isLong } from "../../support/proof.ts";
import { emailBody, never } from "../../unit/ops/dead-letters/queue.ts";
import { count, operate, promise } from "./operators.ts";
import { type RehearsedService, startEmptyCloud } from "./rehearsed-service.ts";

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startEmptyCloud();
});
afterAll(() => cloud?.stop());

/** What a pass reports of letters that it may not have seen. */
function ear() {
  const heard = { lost: 0, hidden: 0 };
  const onLost = (letters: number) => void (heard.lost += letters);
  const onHidden = (letters: number) => void (heard.hidden += letters);
  return { heard, onLost, onHidden };
}

/** Runs a command; a failure that AWS explains is an answer too: the operator runs it again. */
async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && /Rate exceeded|socket hang up|ECONNRESET/.test(`${error.message} ${String(error.cause)}`))
      return undefined;
    throw error;
  }
}

/** Redrives everything once. Returns whether it says that nothing is left. */
async function redrive(service: RehearsedService, notRemoved: Map<string, number>): Promise<boolean> {
  const { heard, onLost, onHidden } = ear();
  const sqs = service.client();
  const { now } = new AwsClock(sqs);
  const to = await attempt(() => service.queues(sqs));
  if (!to) return false;
  const summary = await redriveLetters({
    sqs,
    from: [to.deadLetters],
    to,
    selection: new Selection({}),
    inboxDays: 32,
    now,
    signal: never,
    onResult: ({ letter: { body }, outcome }) => {
      if (outcome === "not removed") notRemoved.set(body, (notRemoved.get(body) ?? 0) + 1);
    },
    onLost,
    onHidden,
  });
  const { sent, notSent, notRemoved: kept, arrived, waiting, tooOld, unseen, error } = summary;
  promise(tooOld === 0, `${tooOld} letters are too old by a clock`);
  promise(arrived <= service.aws.handedOutTwice.length + kept, `${arrived} letters are said to have come back`);
  promise(service.bodies.length - service.dead.length >= sent, `${sent} sent, but ${service.dead.length} are left`);
  return error === undefined && notSent + kept + waiting + unseen + heard.lost === 0;
}

/** What holds of every redrive, at any moment. */
function checkSent(service: RehearsedService, notRemoved: ReadonlyMap<string, number>, handedOutTwice = 0): void {
  const { arrived, dead, bodies } = service;
  for (const body of bodies) {
    promise(arrived.includes(body) || dead.includes(body), `lost: ${body}`);
    const explained = 1 + service.unanswered(body) + (notRemoved.get(body) ?? 0) + handedOutTwice;
    promise(count(arrived, body) <= explained, `sent ${count(arrived, body)} times, explained are ${explained}: ${body}`);
  }
}

describe("on a bad day of AWS", { timeout: isLong ? 600_000 : 120_000 }, () => {
  it("a redrive loses no letter, sends none more often than lost answers explain, and says when some are left", async () => {
    const notRemoved = new Map<string, number>();
    const wrong = await operate(cloud, "redrive", async (service) => {
      const done = await redrive(service, notRemoved);
      checkSent(service, notRemoved);
      promise(!done || service.dead.length === 0, `says that all is sent, but ${service.dead.length} letters are left`);
      return done;
    });

    expect(wrong).toEqual([]);
  });

  it("two redrives at once send no letter twice between them", async () => {
    const notRemoved = new Map<string, number>();
    const wrong = await operate(cloud, "two", async (service) => {
      const done = await Promise.all([redrive(service, notRemoved), redrive(service, notRemoved)]);
      // What SQS hands out twice, both may send.
      checkSent(service, notRemoved, service.aws.handedOutTwice.length);
      return done.every(Boolean) && service.dead.length === 0;
    });

    expect(wrong).toEqual([]);
  });

  it("a purge deletes nothing but what was confirmed and kept, and says when some of that is left", async () => {
    const kept = new Map<RehearsedService, DeadLetter[]>();
    const wrong = await operate(cloud, "purge", async (service, seed) => {
      const file = kept.get(service) ?? kept.set(service, []).get(service)!;
      const before = service.dead;
      const { heard, onLost, onHidden } = ear();
      const sqs = service.client();
      const options = { sqs, signal: never, onLost, onHidden };
      const found = await attempt(async () => {
        const queue = (await service.queues(sqs)).deadLetters;
        const confirmed = new Set<string>();
        const unseen = await receiveLetters({ ...options, queue }, async (letters) => {
          for (const { messageId, body } of letters) if (!body.startsWith("later")) confirmed.add(messageId);
        });
        return { queue, confirmed, unseen };
      });
      if (!found) return false;
      const later = `later ${seed} ${crypto.randomUUID()}`;
      await service.put(later);
      const { queue, confirmed } = found;
      const keep = async (letters: readonly DeadLetter[]) => void file.push(...letters);
      const result = await purgeLetters({ ...options, from: [queue], confirmed, keep, onDeleted: () => {} });
      const after = service.dead;
      const gone = before.filter((body) => !after.includes(body));
      promise(after.includes(later), "a letter that came later is deleted");
      for (const body of gone)
        promise(
          file.some((letter) => letter.body === body),
          `deleted, but not kept: ${body}`,
        );
      promise(result.deleted <= gone.length, `${result.deleted} deleted, but ${gone.length} gone`);
      promise(gone.length <= confirmed.size, `${gone.length} gone, ${confirmed.size} confirmed`);
      const done = !result.error && result.errors.length + result.missing + found.unseen + heard.lost === 0;
      const left = after.filter((body) => !body.startsWith("later"));
      promise(!done || left.length === 0, `says that all is deleted, but ${left.length} letters are left`);
      return done;
    });

    expect(wrong).toEqual([]);
  });

  it("an export has every letter once, or says that some may be missing, and an import brings each back", async () => {
    const wrong = await operate(cloud, "export", async (service) => {
      const { heard, onLost, onHidden } = ear();
      const lines: string[] = [];
      const sqs = service.client();
      const seen = await attempt(async () => {
        const queues = await service.queues(sqs);
        const options = { sqs, queue: queues.deadLetters, signal: never, onLost, onHidden };
        const unseen = await receiveLetters(options, async (letters) => void lines.push(...letters.map(exportLine)));
        return { queues, unseen };
      });
      const exported = lines.map((line) => parseExportLine(line).body);
      promise(new Set(exported).size === exported.length, "a letter is there twice");
      promise(service.dead.length === service.bodies.length, "an export changes the queue");
      if (!seen || heard.lost > 0) return false;
      // Letters behind others of their group stay there as long as these do: SQS's count tells of them.
      if (service.isFifo && exported.length < service.bodies.length) return true;
      if (seen.unseen > 0 && !service.isFifo) return false;
      promise(
        exported.length === service.bodies.length,
        `${exported.length} of ${service.bodies.length} letters, without a word`,
      );
      await checkImport(service, lines);
      return true;
    });

    expect(wrong).toEqual([]);
  });

  async function checkImport(service: RehearsedService, lines: readonly string[]): Promise<void> {
    const sqs = service.client();
    const queues = await attempt(() => service.queues(sqs));
    if (!queues) return;
    const ended = new Map<number, string>();
    let from: number | undefined;
    do {
      const { stopped } = await importLines(numbered(lines), {
        sqs,
        queues,
        from,
        signal: never,
        onResult: ({ line, outcome }) => void ended.set(line, outcome),
      });
      from = stopped;
    } while (from !== undefined);
    for (const [index, line] of lines.entries()) {
      const { body } = parseExportLine(line);
      const copies = count(service.dead, body) - 1;
      const outcome = ended.get(index + 1);
      promise(outcome === "failed" || copies >= 1, `imported, but not there: ${body}`);
      promise(copies <= 1 + service.unanswered(body), `imported ${copies} times: ${body}`);
    }
  }

  it("an edited letter is there, and the former is not, or the operator hears of both", async () => {
    const wrong = await operate(cloud, "edit", async (service, seed) => {
      const former = service.bodies.find((body) => body.startsWith("{"))!;
      if (!service.dead.includes(former)) return true;
      const { heard, onLost } = ear();
      const body = emailBody(`edited-${crypto.randomUUID()}`);
      let error: Error | undefined;
      try {
        const sqs = service.client();
        const from = [(await service.queues(sqs)).deadLetters];
        const place = { sqs, from, signal: never, onLost };
        const letter = await findLetter(place, `edit-${seed}-${service.bodies.indexOf(former)}`);
        await replaceLetter(place, letter, body);
      } catch (thrown) {
        error = thrown instanceof Error ? thrown : new Error(String(thrown));
      }
      const { dead } = service;
      promise(dead.includes(former) || dead.includes(body), "neither the letter nor the edited one is left");
      promise(
        count(dead, body) <= 1 + service.unanswered(body),
        "the edited one is there more often than lost answers explain",
      );
      if (!error) promise(dead.includes(body) && !dead.includes(former), "it says that the letter is replaced");
      else if (/there is no letter/.test(error.message))
        promise(heard.lost > 0 || /did not hand out|holding/.test(error.message), `"${error.message}", but it is there`);
      return !error;
    });

    expect(wrong).toEqual([]);
  });
});

async function* numbered(lines: readonly string[]) {
  for (const [index, text] of lines.entries()) yield { number: index + 1, text };
}
