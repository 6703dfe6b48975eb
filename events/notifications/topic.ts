import { defineTopic } from "#lib/contracts/index.ts";

export const notifications = defineTopic({ name: "notifications", description: "Messages sent to customers." });
