import { consumer } from "#lib/runtime/index.ts";
import { entry } from "./entry.ts";
import service from "./service.ts";

export const handler = consumer(service, ({ id, type, source, subject, time, correlationid, causationid, data }, unit) => {
  unit.put(
    entry,
    { correlationId: correlationid, time, eventId: id, type, source, subject, causationId: causationid, data },
    { overwrite: true }, // whatever the inbox still knows of it, an event has the same entry
  );
});
