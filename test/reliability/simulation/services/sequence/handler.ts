import { consumer } from "#lib/runtime/index.ts";
import { stepNoted } from "../events.ts";
import service from "./service.ts";
import { way } from "./way.ts";

export const handler = consumer(service, {
  async "step.taken.v1"({ data: { key, amount, kind } }, unit) {
    if (kind === "fail" || (kind === "flaky" && unit.attempt < 3)) throw new Error("failed");
    const known = await unit.get(way, key);
    unit.put(way, { key, total: (known?.total ?? 0) + amount, events: (known?.events ?? 0) + 1 });
    // Another key's events are handled meanwhile: the order of what is told under it would be any.
    if (kind === "stray") unit.emit(stepNoted, { key: key === "a" ? "b" : "a", amount });
    unit.emit(stepNoted, { key, amount });
    unit.emit(stepNoted, { key, amount: -1 });
  },
});
