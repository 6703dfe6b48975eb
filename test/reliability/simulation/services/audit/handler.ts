import { consumer } from "#lib/runtime/index.ts";
import { audited } from "./audited.ts";
import service from "./service.ts";

export const handler = consumer(service, {
  async "probe.counted.v2"({ data: { key, amount } }, unit) {
    const known = await unit.get(audited, key);
    unit.put(audited, { key, total: (known?.total ?? 0) + amount, events: (known?.events ?? 0) + 1 });
  },
});
