import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** What was followed of a key. */
export const followed = defineEntity({
  name: "followed",
  schema: v.object({ key: v.string(), total: v.number(), events: v.number() }),
  id: ({ key }) => key,
});
