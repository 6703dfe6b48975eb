import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";
import { HIDDEN } from "../../programs/language.ts";

/** The partition of the index of all cells that a query finds. */
export const SHOWN = "shown";

/** A number under a key, and which run of which program has put it there. */
export const cell = defineEntity({
  name: "cell",
  schema: v.object({ key: v.string(), n: v.number(), by: v.string() }),
  id: ({ key }) => key,
  indexes: { byKey: { partition: ({ key }) => (HIDDEN.includes(key) ? undefined : SHOWN), sort: ({ key }) => key } },
});

/** How many stages of its program an event has come past. */
export const stage = defineEntity({
  name: "stage",
  schema: v.object({ fact: v.string(), passed: v.number(), by: v.string() }),
  id: ({ fact }) => fact,
});

/** What was added under a key, without reading. */
export const heap = defineEntity({
  name: "heap",
  schema: v.object({ key: v.string(), total: v.number() }),
  id: ({ key }) => key,
});
