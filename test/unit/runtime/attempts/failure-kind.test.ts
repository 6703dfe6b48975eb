import { expect, test } from "vitest";
import { failureKind } from "#lib/runtime/attempts/failure-kind.ts";
import { EffectInProgressError, NewerItemError } from "#lib/runtime/errors.ts";
import { PermanentError, RetryLaterError } from "#lib/runtime/index.ts";

/** An error with the fields that the SDK or Node.js gives it. */
function failed(fields: object): Error {
  return Object.assign(new Error("failed"), fields);
}

test.each<[string, Error]>([
  ["the handler asks for a later time", new RetryLaterError("not yet")],
  ["the handler asks for it by an error derived from that", new (class StockLater extends RetryLaterError {})("no stock")],
  ["another execution runs the effect", new EffectInProgressError("buy:forge")],
  ["newer code has stored the item", new NewerItemError("version 2")],
  ["a service is throttled", failed({ name: "ThrottlingException", $fault: "client" })],
  ["a table's throughput is exceeded", failed({ name: "ProvisionedThroughputExceededException", $fault: "client" })],
  ["a service is out of order", failed({ name: "InternalError", $fault: "server" })],
  ["a service answers 503", failed({ $metadata: { httpStatusCode: 503 } })],
  ["nobody listens", failed({ code: "ECONNREFUSED" })],
  ["a name is not found", failed({ code: "EAI_AGAIN" })],
  ["fetch finds nobody", new TypeError("fetch failed", { cause: failed({ code: "ECONNRESET" }) })],
  ["a call has taken too long", new DOMException("timed out", "TimeoutError")],
  ["the handler wraps such an error", new Error("no payment", { cause: failed({ name: "SlowDown" }) })],
  [
    "transactions meet",
    failed({ name: "TransactionCanceledException", CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict" }] }),
  ],
])("something is unavailable when %s", (_, error) => {
  expect(failureKind(error)).toBe("unavailable");
});

test.each<[string, Error]>([
  ["a mistake", new TypeError("undefined is not a function")],
  ["a missing grant", failed({ name: "AccessDeniedException", $fault: "client", $metadata: { httpStatusCode: 400 } })],
  [
    "an item that DynamoDB refuses",
    failed({ name: "TransactionCanceledException", CancellationReasons: [{ Code: "ValidationError" }] }),
  ],
  ["a cause that is no error", new Error("no tool", { cause: "nobody knows" })],
])("%s is the handler's own failure", (_, error) => {
  expect(failureKind(error)).toBe("own");
});

test("a permanent error is permanent, whatever has caused it", () => {
  expect(failureKind(new PermanentError("refused", { cause: failed({ $fault: "server" }) }))).toBe("permanent");
});

test("an error whose fields throw when they are read is the handler's own", () => {
  const trap = new Proxy(
    {},
    {
      get() {
        throw new Error("trapped");
      },
    },
  );
  expect(failureKind(new Error("caught", { cause: trap }))).toBe("own");
});
