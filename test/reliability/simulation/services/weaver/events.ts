import * as v from "valibot";
import { defineEvent, defineTopic, downcastTo, upcastFrom } from "#lib/contracts/index.ts";
import { program } from "../../programs/language.ts";

const programs = defineTopic({ name: "programs", description: "Generated handlers, as the simulation asks for them." });

const example = { fact: "/a 1", cell: "a", amount: 1, steps: [] };

export const programAsked = defineEvent({
  type: "program.asked.v1",
  topic: programs,
  description: "A program is to be run.",
  schema: program,
  subject: ({ cell }) => cell,
  example,
});

export const programAsked2 = defineEvent({
  type: "program.asked.v2",
  topic: programs,
  description: "A program is to be run, with a note that services of an older version do not know.",
  schema: v.object({ ...program.entries, note: v.string() }),
  subject: ({ cell }) => cell,
  example: { ...example, note: "new" },
  upcasts: [upcastFrom(programAsked, (data) => ({ ...data, note: "none" }))],
});

export const dialAsked = defineEvent({
  type: "dial.asked.v1",
  topic: programs,
  description: "A program that reads and puts one cell is to be run.",
  schema: program,
  subject: ({ cell }) => cell,
  example,
});

const told = v.object({ fact: v.string(), what: v.string(), n: v.number() });
const told2 = v.object({ ...told.entries, by: v.string() });

export const programTold = defineEvent({
  type: "program.told.v1",
  topic: programs,
  description: "What a program emits, as its first version says it.",
  schema: told,
  subject: ({ fact }) => fact,
  example: { fact: "/a 1", what: "0", n: 1 },
});

export const programTold2 = defineEvent({
  type: "program.told.v2",
  topic: programs,
  description: "What a program emits, and which service has run it. It is published in its first version too.",
  schema: told2,
  subject: ({ fact }) => fact,
  example: { fact: "/a 1", what: "0", n: 1, by: "weaver" },
  downcasts: [downcastTo(programTold, ({ fact, what, n }: v.InferOutput<typeof told2>) => ({ fact, what, n }))],
});
