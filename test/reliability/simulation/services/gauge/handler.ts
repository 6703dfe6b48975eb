import { consumer } from "#lib/runtime/index.ts";
import { probeCounted2 } from "../events.ts";
import { gauge } from "./gauge.ts";
import service from "./service.ts";

export const handler = consumer(service, {
  async "gauge.read.v1"({ data: { key, amount } }, unit) {
    const known = await unit.get(gauge, key);
    unit.put(gauge, { key, total: (known?.total ?? 0) + amount, events: (known?.events ?? 0) + 1 });
    unit.emit(probeCounted2, { key: `gauge-${key}`, amount, by: "gauge" });
  },
});
