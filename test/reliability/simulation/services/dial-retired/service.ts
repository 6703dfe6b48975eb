import { defineService } from "#lib/contracts/index.ts";
import current from "../dial/service.ts";

const { inbox, ...definition } = current;
if (!inbox) throw new Error("the dial has its inbox in its items");

/** The version that goes back from the item to records. */
export default defineService("dial", current.description, { ...definition, inbox: { ...inbox, retired: true } });
