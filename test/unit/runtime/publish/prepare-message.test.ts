import { describe, expect, test } from "vitest";
import { createEnvelope, defineEvent, defineTopic } from "#lib/contracts/index.ts";
import { prepareMessages } from "#lib/runtime/publish/prepare-message.ts";
import { toolWanted } from "../workshop.ts";

const { schema, ...common } = toolWanted;
const inOrder = defineEvent({
  ...common,
  schema,
  topic: defineTopic({ name: "orders-of-tools", description: "In order.", fifo: true }),
});
const shared = defineEvent({ ...common, schema, tenant: ({ note }) => note });

/** The message of an event with a subject. */
function ordered(name: string, id = "e-1", source = "test") {
  return prepareMessages(inOrder, createEnvelope(inOrder, { name, pieces: 1 }, { source, id }))[0].message;
}

describe("the message of an event on a FIFO topic", () => {
  test("has the subject as its group, and the event's source and id to tell copies by", () => {
    expect(ordered("saw/7", "e-1")).toMatchObject({ groupId: "saw/7", deduplicationId: '["test","e-1"]' });
    expect(ordered("saw/7", "e-1", "elsewhere").deduplicationId).not.toBe(ordered("saw/7", "e-1").deduplicationId);
  });

  test.each([
    ["a blank", "circular saw"],
    ["letters that SNS does not take", "Säge"],
    ["more characters than SNS takes", "x".repeat(129)],
  ])("has a hash instead of a text with %s: the same for the same text, and for no other", (_, text) => {
    const { groupId, deduplicationId } = ordered(text, text);

    expect(groupId).toMatch(/^[0-9a-f]{64}$/);
    expect(deduplicationId).toMatch(/^[0-9a-f]{64}$/);
    expect(ordered(text).groupId).toBe(groupId);
    expect(ordered(`${text}s`).groupId).not.toBe(groupId);
  });

  test("has a text of 128 characters and every sign that SNS takes as it is", () => {
    const signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    const text = `${signs}${"x".repeat(128 - signs.length)}`;
    expect(ordered(text).groupId).toBe(text);
  });
});

describe("the message of an event on a standard topic", () => {
  const message = (note?: string) =>
    prepareMessages(
      shared,
      createEnvelope(shared, { name: "saw", pieces: 1, ...(note !== undefined && { note }) }, { source: "test" }),
    )[0].message;

  test("has its tenant as its group, and nothing that would make SNS take it for a copy", () => {
    expect(message("the mill")).toMatchObject({ groupId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(message("mill")).toMatchObject({ groupId: "mill" });
    expect(message("mill")).not.toHaveProperty("deduplicationId");
  });

  test("has no group where it has no tenant", () => {
    expect(message()).not.toHaveProperty("groupId");
  });
});
