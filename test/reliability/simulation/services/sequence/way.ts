import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** How far a key has come. */
export const way = defineEntity({
  name: "way",
  schema: v.object({ key: v.string(), total: v.number(), events: v.number() }),
  id: ({ key }) => key,
});
