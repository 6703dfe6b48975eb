import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** What was counted under a key: read and written back. */
export const counter = defineEntity({
  name: "counter",
  schema: v.object({ key: v.string(), total: v.number(), events: v.number() }),
  id: ({ key }) => key,
});

/** What was added under a key, without reading. */
export const sum = defineEntity({
  name: "sum",
  schema: v.object({ key: v.string(), total: v.number() }),
  id: ({ key }) => key,
});

/** How far a probe in steps has got; deleted at its end. */
export const progress = defineEntity({
  name: "progress",
  schema: v.object({ id: v.string(), steps: v.number() }),
  id: ({ id }) => id,
});
