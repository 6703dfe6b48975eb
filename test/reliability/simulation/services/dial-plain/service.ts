import { defineService } from "#lib/contracts/index.ts";
import current from "../dial/service.ts";

const { inbox: _, ...definition } = current;

/** The version that keeps its inbox in records, before it moves into the item. */
export default defineService("dial", current.description, definition);
