import { describe, expect, it } from "vitest";
import { type Entry, entryOfLogLine } from "#lib/ops/tail/entry.ts";
import { matches } from "#lib/ops/tail/entry-filter.ts";
import { entryLine } from "../../../../bin/commands/tail/entry-line.ts";

const done = {
  level: "INFO",
  timestamp: "2026-11-20T10:00:00.250Z",
  service: "orders",
  version: "1",
  message: "event done",
  outcome: "done",
  messageId: "m",
  event: { id: "e1", type: "order.placed.v1", subject: "0012", correlationid: "c1" },
  attempt: 1,
  milliseconds: 12,
  published: 1,
};

const read = (line: string | object) =>
  entryOfLogLine({ service: "orders", time: 1_000, line: typeof line === "string" ? line : JSON.stringify(line) });

function shown(line: string | object): string {
  const entry = read(line);
  return entry ? entryLine(entry, (_style, text) => text).replace(/^\S+ +/, "") : "";
}

describe("a line of a function's log", () => {
  it("is a record's outcome where the runtime wrote it, at the time that it says", () => {
    expect(read(done)).toMatchObject({ kind: "record", outcome: "done", event: done.event, time: Date.parse(done.timestamp) });
  });

  it("takes the reason of a dead record from its error", () => {
    const dead = {
      ...done,
      level: "ERROR",
      outcome: "dead",
      error: { name: "PermanentError", message: "no such product", stack: "..." },
    };

    expect(read(dead)).toMatchObject({ level: "error", outcome: "dead", reason: "no such product" });
  });

  it("is a plain line where somebody else wrote it, and an error where it says so", () => {
    expect(read("hello")).toEqual({ kind: "log", level: "info", message: "hello", service: "orders", time: 1_000 });
    expect(read("2026-11-20T10:00:00Z 1a Task timed out after 30.00 seconds")).toMatchObject({ kind: "log", level: "error" });
    expect(read("{not json")).toMatchObject({ kind: "log", message: "{not json" });
  });

  it("is an error where Lambda reports that an invocation failed, once", () => {
    const record = { requestId: "1", status: "timeout", metrics: { durationMs: 30_000 } };

    expect(read({ time: "2026-11-20T10:00:00Z", type: "platform.report", record })).toMatchObject({
      kind: "log",
      level: "error",
      message: "invocation ended with timeout",
    });
    expect(read({ time: "2026-11-20T10:00:00Z", type: "platform.runtimeDone", record })).toBeUndefined();
  });

  it("is the error that a function did not catch", () => {
    const message = { errorType: "TypeError", errorMessage: "x is not a function", stackTrace: [] };

    expect(read({ timestamp: "2026-11-20T10:00:00Z", level: "ERROR", requestId: "1", message })).toMatchObject({
      level: "error",
      message: "TypeError: x is not a function",
    });
  });

  it.each([
    "START RequestId: 1 Version: $LATEST",
    "REPORT RequestId: 1 Duration: 3 ms",
    '{"_aws":{"Timestamp":1},"Handled":1}',
    '{"time":"2026-11-20T10:00:00Z","type":"platform.report","record":{"requestId":"1","status":"success"}}',
    "",
  ])("is left out where it is Lambda's book-keeping: %s", (line) => {
    expect(read(line)).toBeUndefined();
  });
});

describe("an entry on the terminal", () => {
  it("is one line with the outcome's sign, type, subject, attempt, milliseconds and reason", () => {
    expect(shown(done)).toBe("orders        ✓ order.placed.v1     0012         #1    12 ms");
    expect(shown({ ...done, level: "WARN", outcome: "retry", attempt: 2, reason: "provider is down" })).toBe(
      "orders        ↻ order.placed.v1     0012         #2    12 ms  provider is down",
    );
    expect(shown({ ...done, outcome: "duplicate" })).toContain(" = ");
    expect(shown({ ...done, level: "ERROR", outcome: "dead" })).toContain(" ✗ ");
  });

  it("cannot move the terminal's cursor or colours, nor break the line", () => {
    expect(shown("evil \u001B[2Jtext\r\nmore")).toBe("orders        · evil \\u001b[2Jtext more");
  });
});

describe("a filter", () => {
  const record = read(done)!;
  const log: Entry = { kind: "log", level: "info", message: "x", service: "payments", time: 1 };

  it.each(["e1", "c1", "0012"])("finds the story of an event by %s", (event) => {
    expect(matches({ event }, record)).toBe(true);
    expect(matches({ event }, log)).toBe(false);
  });

  it("finds the entries of a service", () => {
    expect([record, log].filter((entry) => matches({ service: "payments" }, entry))).toEqual([log]);
  });

  it("finds what went wrong: retries that the log does not warn of, too", () => {
    const retry: Entry = { ...record, outcome: "retry" };
    const failed: Entry = { ...log, kind: "invocation", level: "error" };

    expect([record, retry, log, failed].filter((entry) => matches({ errors: true }, entry))).toEqual([retry, failed]);
  });
});
