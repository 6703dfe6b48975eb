import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** What was read under a key. */
export const gauge = defineEntity({
  name: "gauge",
  schema: v.object({ key: v.string(), total: v.number(), events: v.number() }),
  id: ({ key }) => key,
});
