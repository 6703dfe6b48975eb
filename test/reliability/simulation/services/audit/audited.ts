import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** What was told of a key. */
export const audited = defineEntity({
  name: "audited",
  schema: v.object({ key: v.string(), total: v.number(), events: v.number() }),
  id: ({ key }) => key,
});
