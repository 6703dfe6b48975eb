import * as aws from "@aws-sdk/util-dynamodb";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { marshall, unmarshall } from "#lib/runtime/table/attribute-values.ts";
import { PermanentError } from "#lib/runtime/errors.ts";

/** What JSON can say, numbers of JavaScript's exact range included. */
const { data } = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.string(),
    fc.maxSafeInteger(),
    fc.double({ min: -1e15, max: 1e15, noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("data"),
  ),
  data: fc.dictionary(
    fc.string().filter((name) => name !== "__proto__"),
    tie("value"),
    { maxKeys: 4, noNullPrototype: true },
  ),
}));

describe("attribute values", () => {
  test("data becomes what AWS's own library makes of it, and comes back as it was", () => {
    fc.assert(
      fc.property(data, (item) => {
        const attributes = marshall(item);
        expect(attributes).toEqual(aws.marshall(item));
        expect(unmarshall(attributes)).toEqual(aws.unmarshall(attributes));
        expect(JSON.stringify(unmarshall(attributes))).toBe(JSON.stringify(item));
      }),
    );
  });

  test("a key named __proto__ is a key like any other, and no prototype", () => {
    const item = Object.fromEntries([["deep", Object.fromEntries([["__proto__", "kept"]])]]);
    const attributes = marshall(item);
    expect(JSON.stringify(attributes)).toBe('{"deep":{"M":{"__proto__":{"S":"kept"}}}}');
    expect(JSON.stringify(unmarshall(attributes))).toBe(JSON.stringify(item));
  });

  test("what is undefined is left out", () => {
    expect(marshall({ kept: "yes", left: undefined, list: [1, undefined] })).toEqual({
      kept: { S: "yes" },
      list: { L: [{ N: "1" }] },
    });
  });

  test.each([
    ["a date", new Date(0), "a value of type Date"],
    ["a set", new Set(["a"]), "a value of type Set"],
    ["a whole number beyond 2^53", 2 ** 53, "the number 9007199254740992"],
    ["no number at all", Number.NaN, "the number NaN"],
  ])("%s is refused for good: trying again would not help", (_name, value, message) => {
    expect(() => marshall({ deep: [{ value }] })).toThrow(PermanentError);
    expect(() => marshall({ value })).toThrow(message);
  });

  test("a set that somebody else has written is refused by its type", () => {
    expect(() => unmarshall({ tags: { SS: ["a"] } })).toThrow("an attribute of type SS");
  });
});
