import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toError } from "#lib/runtime/errors.ts";

test("whatever a handler throws becomes an Error", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }), (thrown) => {
      expect(toError(thrown)).toBeInstanceOf(Error);
    }),
  );
});

const trap = () => {
  throw new Error("hands off");
};

test.each([
  ["undefined", undefined],
  ["a symbol", Symbol("x")],
  ["a function", () => 1],
  ["an object whose toJSON gives nothing", { toJSON: () => undefined }],
  ["an object that cannot be read", new Proxy({}, { get: trap, getPrototypeOf: trap })],
  ["an error whose message is none", Object.assign(new Error("x"), { message: { code: 7 } })],
  ["an error that cannot be read", Object.defineProperty(new Error("x"), "message", { get: trap })],
])("%s that a handler throws becomes an Error that can be read", (_, thrown) => {
  const { name, message, stack } = toError(thrown);
  expect([name, message, stack].map((text) => typeof text)).toEqual(["string", "string", "string"]);
});
