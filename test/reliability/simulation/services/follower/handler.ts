import { consumer } from "#lib/runtime/index.ts";
import { followed } from "./followed.ts";
import service from "./service.ts";

export const handler = consumer(service, {
  async "step.noted.v1"({ data: { key, amount } }, unit) {
    const known = await unit.get(followed, key);
    unit.put(followed, { key, total: (known?.total ?? 0) + amount, events: (known?.events ?? 0) + 1 });
  },
});
