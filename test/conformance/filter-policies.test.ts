import { beforeAll, expect, inject } from "vitest";
import * as v from "valibot";
import { behaviour } from "./behaviour.ts";
import { ConformanceClient } from "../support/conformance/client.ts";
import { FILTERS, type FilterMessage } from "./app/filter-matrix.ts";

/** Marks of the messages that were delivered. */
const delivered = new Set<string>();

const app = new ConformanceClient(inject("target"));

/** What tells a message from all others, in its body: attributes are what policies look at. */
const markOf = (row: string, message: FilterMessage) => `${app.run} ${row} ${JSON.stringify(message)}`;

beforeAll(async () => {
  for (const [row, { delivered: wanted, kept }] of FILTERS) {
    await Promise.all([...kept, ...wanted].map((message) => publish(row, message)));
  }
  for (const { Body = "" } of await app.drain("filtered")) delivered.add(markIn(Body));
});

for (const [row, { delivered: wanted, kept }] of FILTERS) {
  behaviour(`filter-${row}`, async () => {
    const all = [...wanted, ...kept];
    expect(all.filter((message) => delivered.has(markOf(row, message)))).toEqual(wanted);
  });
}

function publish(row: string, message: FilterMessage): Promise<void> {
  const mark = markOf(row, message);
  if ("attributes" in message)
    return app.publish(`filter-${row}`, mark, { MessageAttributes: attributesOf(message.attributes) });
  const { body } = message;
  return app.publish(`filter-${row}`, typeof body === "string" ? `${body} ${mark}` : JSON.stringify({ ...body, mark }));
}

function attributesOf(attributes: Readonly<Record<string, string | number | readonly string[]>>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      if (typeof value === "string") return [name, { DataType: "String", StringValue: value }];
      if (typeof value === "number") return [name, { DataType: "Number", StringValue: String(value) }];
      return [name, { DataType: "String.Array", StringValue: JSON.stringify(value) }];
    }),
  );
}

/** The mark in a notification's message. */
function markIn(notification: string): string {
  const { Message } = v.parse(v.object({ Message: v.string() }), JSON.parse(notification));
  if (!Message.startsWith("{")) return Message.slice(Message.indexOf(app.run));
  return v.parse(v.object({ mark: v.string() }), JSON.parse(Message)).mark;
}
