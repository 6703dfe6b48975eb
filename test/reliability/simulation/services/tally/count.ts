import type { DataOf, Envelope } from "#lib/contracts/index.ts";
import { PermanentError, type UnitOfWork } from "#lib/runtime/index.ts";
import { probeCounted, type probeSent } from "../events.ts";
import { counter, progress, sum } from "./counter.ts";
import type current from "./service.ts";
import type old from "../tally-old/service.ts";

type Unit = UnitOfWork<typeof current> | UnitOfWork<typeof old>;

/** Steps of a probe in steps. */
const STEPS = 3;

/** Does what the probe asks for. */
export async function count({ id, data }: Envelope<string, DataOf<typeof probeSent>>, unit: Unit): Promise<void> {
  const { key, amount, kind } = data;
  switch (kind) {
    case "exit":
      return process.exit();
    case "hang":
      return new Promise(() => {});
    case "refuse":
      throw new PermanentError("refused");
    case "fail":
      throw new Error("failed");
    case "steps":
      await addInSteps(id, key, amount, unit);
      return unit.emit(probeCounted, { key, amount });
    case "add":
      unit.add(sum, key, "total", amount, { atLeast: 0 });
      return unit.emit(probeCounted, { key, amount });
    case "effect":
      await unit.effects.once(`probe:${id}`, (idempotencyKey) => callOutside(idempotencyKey, unit.signal));
      break;
    case "flaky":
      if (unit.attempt < 3) throw new Error("not yet");
      break;
    case "twins":
      await countUnder(`${key}-twin`, amount, unit);
      unit.emit(probeCounted, { key: `${key}-twin`, amount });
      break;
    case "count":
      break;
  }
  await countUnder(key, amount, unit);
  unit.emit(probeCounted, { key, amount });
}

async function countUnder(key: string, amount: number, unit: Unit): Promise<void> {
  const known = await unit.get(counter, key);
  unit.put(counter, { key, total: (known?.total ?? 0) + amount, events: (known?.events ?? 0) + 1 });
}

async function addInSteps(id: string, key: string, amount: number, unit: Unit): Promise<void> {
  let steps = (await unit.get(progress, id))?.steps ?? 0;
  for (; steps < STEPS - 1; steps++) {
    unit.add(sum, key, "total", amount, { atLeast: 0 });
    unit.put(progress, { id, steps: steps + 1 });
    await unit.checkpoint();
  }
  unit.add(sum, key, "total", amount, { atLeast: 0 });
  unit.delete(progress, id);
}

/** Each run has a result of its own, so that one recorded over another shows. */
async function callOutside(idempotencyKey: string, signal: AbortSignal): Promise<{ status: number; run: string }> {
  const { status } = await fetch("http://outside.example/effects", {
    method: "POST",
    headers: { "idempotency-key": idempotencyKey },
    signal,
  });
  if (status !== 201) throw new Error(`the outside answered ${status}`);
  return { status, run: crypto.randomUUID() };
}
