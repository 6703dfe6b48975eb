import * as v from "valibot";
import { defineEntity } from "#lib/contracts/index.ts";

/** The characters that came under a key. */
export const shelf = defineEntity({
  name: "shelf",
  schema: v.object({ key: v.string(), total: v.number() }),
  id: ({ key }) => key,
});
