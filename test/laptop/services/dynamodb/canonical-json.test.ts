import { expect, test } from "vitest";
import { canonicalJson } from "#lib/laptop/services/dynamodb/transactions/canonical-json.ts";

test.each([
  [
    '{"b":1,"a":{"d":[{"y":null,"x":{"z":{"S":"1"}}}],"c":true}}',
    '{"a":{"c":true,"d":[{"x":{"z":{"S":"1"}},"y":null}]},"b":1}',
  ],
  ['{"b":{"S":"x"},"__proto__":{"S":"y"}}', '{"__proto__":{"S":"y"},"b":{"S":"x"}}'],
  ['{"L":[{"S":"b"},{"S":"a"}]}', '{"L":[{"S":"b"},{"S":"a"}]}'],
])("%s is written with its members in order and its lists as they are", (text, canonical) => {
  expect(canonicalJson(JSON.parse(text))).toBe(canonical);
});
