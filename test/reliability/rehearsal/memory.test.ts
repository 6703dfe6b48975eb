import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emailSent, orderPlaced } from "#events";
import { exportLine } from "#lib/ops/dead-letters/export-line.ts";
import { letterOf } from "#lib/ops/dead-letters/letter.ts";
import { isLong, sized } from "../../support/proof.ts";
import { emailBody } from "../../unit/ops/dead-letters/queue.ts";
import { type Ended, readLongFile, startTakingAll } from "./memory-of-commands.ts";

const MEGABYTE = 1_000_000;

/** Of which 200 MB have to do. */
const INPUT = sized({ short: 30, long: 1_000 }) * MEGABYTE;

/** The same in short lines, each of which is a call's work: flat from the first megabytes on. */
const WORK = sized({ short: 8, long: 60 }) * MEGABYTE;

const folder = mkdtempSync(join(tmpdir(), "fanfare-memory-"));
let aws: Awaited<ReturnType<typeof startTakingAll>>;

beforeAll(async () => {
  aws = await startTakingAll();
});
afterAll(() => {
  aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** An order of about so many bytes, with an end of line. */
function order(bytes: number): string {
  const lines = Array.from({ length: Math.ceil(bytes / 100) }, (_, index) => ({
    sku: `S${index}`,
    description: "White hanging heart t-light holder",
    quantity: 1,
    unitPrice: 1,
  }));
  return `${JSON.stringify({ ...orderPlaced.example, lines, charges: [], total: lines.length })}\n`;
}

/** A letter with a body of about so many bytes. */
function letter(bytes: number): string {
  const body = emailBody("e1", { ...emailSent.example, subject: "s".repeat(bytes) });
  const line = exportLine(
    letterOf(
      { MessageId: crypto.randomUUID(), ReceiptHandle: "r", Body: body },
      { of: "handling", name: "fanfare-dev-ledger-dlq" },
    )!,
  );
  return `${line}\n`;
}

/** The same line for as long as there is room. */
function* repeated(line: string, bytes = INPUT): Generator<string> {
  for (let written = 0; written < bytes; written += line.length) yield line;
}

/** A line that does not end for long. */
function* endless(bytes = INPUT): Generator<Uint8Array | string> {
  const piece = Buffer.alloc(1 << 20, "x");
  for (let written = 0; written < bytes; written += piece.length) yield piece;
  yield "\n";
}

const publish = (lines: Iterable<string | Uint8Array>): Promise<Ended> =>
  readLongFile(["publish", "order.placed.v1", "--file", "FILE"], lines, aws.endpoint, folder);
const importAll = (lines: Iterable<string | Uint8Array>): Promise<Ended> =>
  readLongFile(["dlq", "import", "ledger", "--file", "FILE"], lines, aws.endpoint, folder);

function* both<Item>(...parts: Iterable<Item>[]): Generator<Item> {
  for (const part of parts) yield* part;
}

describe("within 200 MB", { timeout: isLong ? 1_800_000 : 180_000 }, () => {
  it.each([
    ["events of 1 KB", () => repeated(order(1_000), WORK / 4)],
    ["events of 10 KB", () => repeated(order(10_000), WORK)],
    ["lines over SNS's limit, 300 KB each", () => both(repeated(order(300_000)), [order(100)])],
    ["a line without an end, and an event behind it", () => both(endless(), [order(100)])],
  ])("publish takes a long file: %s", async (_, lines) => {
    const { megabytes, stderr, stdout } = await publish(lines());

    expect(stdout.trim()).not.toBe("");
    expect(stderr).toMatch(/^\d+ published, \d+ refused by the contract, 0 failed/m);
    expect(megabytes).toBeLessThan(200);
  });

  it.each([
    ["letters of 10 KB", () => repeated(letter(10_000), WORK)],
    ["letters of 900 KB", () => repeated(letter(900_000), 3 * WORK)],
    ["a line without an end, and a letter behind it", () => both(endless(), [letter(100)])],
  ])("dlq import takes a long file: %s", async (_, lines) => {
    const { megabytes, stdout } = await importAll(lines());

    expect(stdout).toMatch(/^[1-9][\d,]* letters? imported/m);
    expect(megabytes).toBeLessThan(200);
  });
});
