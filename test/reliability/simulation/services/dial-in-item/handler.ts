import { consumer, inboxInItem } from "#lib/runtime/index.ts";
import service from "../dial/service.ts";
import { interpret } from "../weaver/interpret.ts";

/** The dial with its inbox in the cell that it puts. */
export const handler = consumer(service, interpret, { itemInbox: inboxInItem });
