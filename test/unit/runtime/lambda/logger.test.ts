import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InvalidEventError } from "#lib/contracts/errors.ts";
import { createLog } from "#lib/runtime/lambda/logger.ts";

const written: string[] = [];
beforeEach(() => {
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  written.length = 0;
});

/** The lines written, as CloudWatch Logs Insights reads them. */
function lines(): unknown[] {
  return written.map((line): unknown => JSON.parse(line));
}

test("a line is one line of JSON that names the service, its version and what happened", () => {
  createLog({ service: "workshop", version: "abc" }).info("event done", { attempt: 1, note: "two\nlines" });

  expect(written.join("").trimEnd().split("\n")).toHaveLength(1);
  expect(lines()).toMatchObject([
    { level: "INFO", service: "workshop", version: "abc", message: "event done", attempt: 1, note: "two\nlines" },
  ]);
});

test("a message's id is written where the message is still somewhere: not once its event is done", () => {
  const log = createLog({ service: "workshop", version: "abc" });
  for (const outcome of ["done", "retry"]) log.info(`event ${outcome}`, { outcome, messageId: "m-1" });

  expect(lines()).toEqual([expect.not.objectContaining({ messageId: "m-1" }), expect.objectContaining({ messageId: "m-1" })]);
});

test("what JSON cannot express is left out: a line does not fail the event that it speaks of", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const log = createLog({ service: "workshop", version: "abc" });
  log.info("counted", { pieces: 10n, circular, attempt: 1 });
  log.error("miscounted", { pieces: 10n, error: new TypeError("too many"), attempt: 2 });
  expect(lines()).toMatchObject([
    { message: "counted", attempt: 1 },
    { message: "miscounted", attempt: 2, error: { name: "TypeError" } },
  ]);
});

test("what may be personal data is left out: the subject of an event, and the messages of errors and of what caused them", () => {
  const error = new Error("jane@shop.example is unknown", { cause: new TypeError("no Jane\nat all") });
  const event = { id: "1", type: "tool.wanted.v1", subject: "jane@shop.example", correlationid: "0" };
  createLog({ service: "workshop", version: "abc" }).error("event dead", { event, error, reason: error.message });

  expect(written.join("")).not.toMatch(/jane/i);
  expect(lines()).toMatchObject([
    {
      event: { id: "1", type: "tool.wanted.v1", correlationid: "0" },
      error: {
        name: "Error",
        stack: expect.stringMatching(/^ +at .*logger\.test\.ts/),
        cause: { name: "TypeError", stack: expect.stringMatching(/^ +at .*logger\.test\.ts/) },
      },
    },
  ]);
});

test("what the runtime itself says of an event is written: it quotes no data", () => {
  const error = new InvalidEventError("tool.wanted.v1: data.pieces: Expected number");
  createLog({ service: "workshop", version: "abc" }).error("event dead", { error });

  expect(lines()).toMatchObject([{ error: { message: "tool.wanted.v1: data.pieces: Expected number" } }]);
});

test("a service may choose to log subjects, and errors with their messages, stacks and causes", () => {
  const error = new Error("no bread", { cause: new TypeError("no flour") });
  const log = createLog({ service: "workshop", version: "abc" }, ["subject", "errorMessages"]);
  log.error("event dead", { event: { id: "1", subject: "bread" }, error, reason: "no bread" });

  expect(lines()).toMatchObject([
    {
      event: { id: "1", subject: "bread" },
      reason: "no bread",
      error: {
        name: "Error",
        message: "no bread",
        stack: expect.stringContaining("logger.test.ts"),
        cause: { name: "TypeError", message: "no flour" },
      },
    },
  ]);
});

test.each([
  ["a bigint", () => 1n],
  [
    "an object that holds itself",
    () => {
      const ring: { inner?: object } = {};
      ring.inner = ring;
      return ring;
    },
  ],
  [
    "an object that cannot be read",
    () => {
      const get = () => {
        throw new Error("hands off");
      };
      return new Proxy({}, { get });
    },
  ],
])("an error that is caused by %s is written without it", (_, cause) => {
  createLog({ service: "workshop", version: "abc" }, ["errorMessages"]).warn("event failed", {
    attempt: 2,
    error: new Error("x", { cause: cause() }),
  });

  expect(lines()).toMatchObject([{ attempt: 2, error: { message: "x" } }]);
});

test("LOG_LEVEL names the least urgent level that is written", () => {
  vi.stubEnv("LOG_LEVEL", "WARN");
  const log = createLog({ service: "workshop", version: "abc" });
  log.debug("1");
  log.info("2");
  log.warn("3");
  log.error("4");

  expect(lines()).toMatchObject([{ message: "3" }, { message: "4" }]);
});
