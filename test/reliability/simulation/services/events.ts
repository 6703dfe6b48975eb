import * as v from "valibot";
import { defineEvent, defineTopic, upcastFrom } from "#lib/contracts/index.ts";

/** What a probe makes the service do: each kind strains another part of the runtime. */
export const PROBE_KINDS = [
  /** Reads a counter, and writes it back with more. */
  "count",
  /** Adds without reading. */
  "add",
  /** Runs an outside effect first. */
  "effect",
  /** Adds three times, each in a transaction of its own. */
  "steps",
  /** Writes two counters, and emits two events. */
  "twins",
  /** Fails on its first two receives. */
  "flaky",
  /** Fails every time. */
  "fail",
  /** Can never be handled, as the handler says. */
  "refuse",
  /** Never returns. */
  "hang",
  /** Ends the process. */
  "exit",
] as const;

export type ProbeKind = (typeof PROBE_KINDS)[number];

const probes = defineTopic({ name: "probes", description: "What the simulation sends to find the runtime's limits." });

const probe = { key: v.string(), amount: v.number(), kind: v.picklist(PROBE_KINDS) };

export const probeSent = defineEvent({
  type: "probe.sent.v1",
  topic: probes,
  description: "A probe for the runtime.",
  schema: v.object({ ...probe, note: v.optional(v.string()) }),
  subject: ({ key }) => key,
  tenant: ({ key }) => key,
  example: { key: "a", amount: 1, kind: "count" },
});

export const probeSent2 = defineEvent({
  type: "probe.sent.v2",
  topic: probes,
  description: "A probe with a note, which services of an older version do not know.",
  schema: v.object({ ...probe, note: v.string() }),
  subject: ({ key }) => key,
  example: { key: "a", amount: 1, kind: "count", note: "new" },
});

export const probeCounted = defineEvent({
  type: "probe.counted.v1",
  topic: probes,
  description: "A probe has been counted.",
  schema: v.object({ key: v.string(), amount: v.number() }),
  subject: ({ key }) => key,
  example: { key: "a", amount: 1 },
});

export const probeCounted2 = defineEvent({
  type: "probe.counted.v2",
  topic: probes,
  description: "A probe has been counted, and by whom.",
  schema: v.object({ key: v.string(), amount: v.number(), by: v.string() }),
  subject: ({ key }) => key,
  example: { key: "a", amount: 1, by: "tally" },
  upcasts: [upcastFrom(probeCounted, (data) => ({ ...data, by: "unknown" }))],
});

export const gaugeRead = defineEvent({
  type: "gauge.read.v1",
  topic: probes,
  description: "A reading of a gauge.",
  schema: v.object({ key: v.string(), amount: v.number() }),
  subject: ({ key }) => key,
  example: { key: "a", amount: 1 },
});

const bulk = defineTopic({ name: "bulk", description: "Events that are larger than SNS takes.", largeEvents: true });

export const bulkSent = defineEvent({
  type: "bulk.sent.v1",
  topic: bulk,
  description: "A text of any length.",
  schema: v.object({ key: v.string(), text: v.string() }),
  subject: ({ key }) => key,
  example: { key: "a", text: "x" },
});

export const bulkKept = defineEvent({
  ...bulkSent,
  type: "bulk.kept.v1",
  description: "A text was counted.",
  schema: bulkSent.schema,
});

const steps = defineTopic({ name: "steps", description: "Steps that keep their order.", fifo: true });

export const stepTaken = defineEvent({
  type: "step.taken.v1",
  topic: steps,
  description: "The next step on a key's way.",
  schema: v.object({ key: v.string(), amount: v.number(), kind: v.picklist(["count", "flaky", "fail", "stray"]) }),
  subject: ({ key }) => key,
  example: { key: "a", amount: 1, kind: "count" },
});

export const stepNoted = defineEvent({
  type: "step.noted.v1",
  topic: steps,
  description: "A step has been noted.",
  schema: v.object({ key: v.string(), amount: v.number() }),
  subject: ({ key }) => key,
  example: { key: "a", amount: 1 },
});
