import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { exportLine } from "#lib/ops/dead-letters/export-line.ts";
import { type DeadLetter, letterOf, type LetterKind } from "#lib/ops/dead-letters/letter.ts";
import { Selection } from "#lib/ops/dead-letters/select.ts";
import { summarizeLetters } from "#lib/ops/dead-letters/summary.ts";
import { confirmByTyping } from "../../../../bin/terminal/confirm.ts";
import { letterPage } from "../../../../bin/commands/dead-letters/letter-page.ts";
import { createProgram } from "../../../../bin/commands/program.ts";
import { runProgram } from "../../../../bin/commands/run-program.ts";
import { emailBody, FakeDeadLetterQueue, never, reason, shopQueue } from "./queue.ts";

function letter(body: string, attributes: Readonly<Record<string, string>> = {}, of: LetterKind = "handling"): DeadLetter {
  const typed = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }] as const);
  const message = { MessageId: "m1", ReceiptHandle: "h", Body: body, MessageAttributes: Object.fromEntries(typed) };
  return letterOf({ ...message, Attributes: { SentTimestamp: "1000" } }, { of, name: "shop-dlq" })!;
}

function page(shown: DeadLetter, options: { stack?: boolean; maxReceives?: number } = {}): string {
  return letterPage(shown, { paint: (_, text) => text, ...options }).join("\n");
}

describe("a filter", () => {
  const dead = letter(emailBody("e1", { orderId: "1001", pieces: 3, lines: [{ sku: "A" }] }), reason);

  it.each([
    ["timeout", true],
    ["EMAIL.sent", true],
    ["before the deadline", true],
    ["payment", false],
    ["id=e1", true],
    ["id=e", false],
    ["type=email.sent.v1", true],
    ["errorName=HandlerTimeoutError", true],
    ["consumerVersion=0123456789ab", true],
    ["data.orderId=1001", true],
    ["data.pieces=3", true],
    ["data.lines.0.sku=A", true],
    ["data.lines=", false],
    ["data.constructor=", false],
    ["data.toString.name=toString", false],
  ])("%j matches: %s", (filter, expected) => {
    expect(new Selection({ filters: [filter] }).matches(dead)).toBe(expected);
  });

  it("has to match along with all others", () => {
    expect(new Selection({ filters: ["timeout", "data.orderId=1001"] }).matches(dead)).toBe(true);
    expect(new Selection({ filters: ["timeout", "data.orderId=1002"] }).matches(dead)).toBe(false);
  });

  it("that names an unknown field is refused: it would match nothing, and look like good news", () => {
    expect(() => new Selection({ filters: ["typ=email.sent.v1"] })).toThrow(
      /^letters cannot be filtered by "typ": expected id, type, .* or data\.<field>$/,
    );
  });

  it("on a body that is no event matches nothing by its fields", () => {
    expect(new Selection({ filters: ["data.orderId=1"] }).matches(letter("{oops", reason))).toBe(false);
    expect(new Selection({ filters: ["Timeout"] }).matches(letter("{oops", reason))).toBe(true);
  });
});

describe("a letter on the screen", () => {
  it("tells the reason, every attempt that is known, how often it was sent back, and the data", () => {
    const shown = page(letter(emailBody("e1"), { ...reason, redrives: "2" }));

    expect(shown).toMatch(/^email\.sent\.v1 {2}1001\n/);
    expect(shown).toMatch(/reason +HandlerTimeoutError: the handler did not finish before the deadline\n/);
    expect(shown).toMatch(/attempts +10, the first at 2026-11-20T10:00:00.000Z, given up at 2026-11-20T11:00:00.000Z\n/);
    expect(shown).toMatch(/consumer +shop, version 0123456789ab\n/);
    expect(shown).toMatch(/sent back +2 times before\n/);
    expect(shown).toMatch(/event id +e1\n/);
    expect(shown).toMatch(/correlation id +e1\n/);
    expect(shown).toContain('\n    "orderId": "1001",\n');
    expect(shown).not.toContain("handler.ts:1");
  });

  it("has the stack where that is asked for", () => {
    expect(page(letter(emailBody("e1"), reason), { stack: true })).toContain("at handler.ts:1");
  });

  it("says what is known where nobody recorded a reason", () => {
    expect(page(letter(emailBody("e1")), { maxReceives: 10 })).toMatch(
      /reason +moved by SQS after 10 receives: no reason was recorded, see the logs\n/,
    );
    expect(page(letter(emailBody("e1"), {}, "delivery"))).toMatch(/reason +not delivered by SNS, no reason recorded/);
  });

  it.each([
    ["no JSON", "{oops\u001B[31m"],
    ["no event", '{"a":"\u009B31m"}'],
    ["an event with orders to the terminal in it", emailBody("e\u001B]0;1\u0007", { to: "\u001B[2J\u009B" })],
    ["nested without end", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
  ])("that is %s leaves the terminal alone", (_, body) => {
    const shown = page(letter(body, { ...reason, errorMessage: "\u001B[31mred\nand\u0007bell", errorStack: "\u001B[1m" }), {
      stack: true,
    });

    expect(shown.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  it("is one line in an export, as it came and with all attributes, and leaves the terminal alone", () => {
    const exported = letter('{"a":"\u009B\n"}', { ...reason, tenant: "t" });
    const line = exportLine(exported);

    expect(line).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(line)).toMatchObject({
      messageId: "m1",
      queue: "shop-dlq",
      sentAt: "1970-01-01T00:00:01.000Z",
      body: exported.body,
      reason,
      attributes: { tenant: { DataType: "String", StringValue: "t" } },
    });
  });
});

describe("the summary of a service's letters", () => {
  it("counts them by reason, the most frequent first, with the oldest, and leaves all where they are", async () => {
    const queue = new FakeDeadLetterQueue();
    queue.put("{oops", { ...reason, errorName: "InvalidEventError", errorMessage: "the body is not JSON" }, { sentAt: 5_000 });
    for (const id of ["a", "b"]) queue.put(emailBody(id), reason, { sentAt: 2_000 });
    queue.put(emailBody("c"));
    const queues = { ...shopQueue, service: "shop", deadLetters: queue, undelivered: [] };
    const summary = await summarizeLetters(queues, { sqs: queue.sqs, signal: never });

    expect(summary).toEqual({
      service: "shop",
      deadLetters: 4,
      undelivered: 0,
      oldest: "1970-01-01T00:00:00.001Z",
      reasons: [
        { reason: "HandlerTimeoutError: the handler did not finish", letters: 2 },
        { reason: "InvalidEventError: the body is not JSON", letters: 1 },
        { reason: "moved by SQS, no reason recorded", letters: 1 },
      ],
      held: 0,
      unseen: 0,
    });
    expect(queue.visible).toHaveLength(4);
  });
});

describe("the question before a purge", () => {
  async function answer(text: string | undefined): Promise<boolean> {
    const input = new PassThrough();
    const confirmed = confirmByTyping("orders", "Type orders to go on: ", { input, output: new PassThrough() });
    input.end(text);
    return confirmed;
  }

  it("is answered by the service's name alone", async () => {
    expect(await answer("orders\n")).toBe(true);
    expect(await answer("yes\n")).toBe(false);
    expect(await answer("order\n")).toBe(false);
    expect(await answer(undefined)).toBe(false);
  });
});

describe("fanfare dlq", () => {
  it.each([
    [["dlq"], "nothing to do given: expected list, show, redrive, edit, purge, export, import"],
    [["dlq", "redrve", "orders"], 'there is no "dlq redrve": expected list, show, redrive'],
    [["dlq", "show"], "no service given: expected "],
    [["dlq", "show", "ordrs"], 'there is no service "ordrs", the nearest is "orders"'],
    [["dlq", "redrive", "orders"], "which letters? Expected --all, --id <id> or --filter <text or field=value>"],
    [["dlq", "redrive", "orders", "--all", "--id", "1"], "--all and --id are both given: expected one of them"],
    [["dlq", "redrive", "orders", "--all", "--rate", "0"], "--rate is 0: expected more than 0"],
    [["dlq", "redrive", "orders", "--filter", "typ=x"], 'letters cannot be filtered by "typ"'],
    [["dlq", "list", "--all"], "fanfare dlq list has no option --all: expected --json"],
    [["dlq", "edit", "orders", "--data", "{}"], "which letter? Expected --id <id> once, of the message or its event"],
    [["dlq", "edit", "orders", "--id", "1", "--file", "no-such.json"], "there is no file no-such.json"],
    [["dlq", "purge", "orders"], "which letters?"],
    [["dlq", "purge", "orders", "--all"], "deleting letters needs a confirmation"],
    [["dlq", "purge", "orders", "--all", "--file", "x", "--no-export"], "--file and --no-export are both given"],
  ])("answers %j with one line", async (parameters, message) => {
    await expect(runProgram(createProgram(), parameters)).rejects.toThrow(message);
  });
});
