import type { Cloud } from "#lib/laptop/index.ts";
import { mapLimited } from "#lib/runtime/concurrency.ts";
import { toError } from "#lib/runtime/errors.ts";
import { sized } from "../../support/proof.ts";
import { RehearsedService } from "./rehearsed-service.ts";

/** Services that are rehearsed, each with faults of its own. */
const SEEDS = sized({ short: 1, long: 6 });

/** How often an operator runs a command again that says it is not done. */
const ROUNDS = 12;

/** After so long, every letter that was hidden is visible again. */
const HIDDEN_MILLISECONDS = 60 * 60 * 1_000;

/**
 * Lets an operator run a command on services whose AWS has a bad day: again, until it says that all is done.
 *
 * @param run returns whether the command said so; throws what breaks a promise
 * @returns what went wrong, with the seed
 */
export async function operate(
  cloud: Cloud,
  name: string,
  run: (service: RehearsedService, seed: number) => Promise<boolean>,
): Promise<string[]> {
  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);
  const wrong: string[] = [];
  let left = await mapLimited(seeds, 8, async (seed) => ({ seed, service: await RehearsedService.start(cloud, name, seed) }));
  const all = left;
  for (let round = 1; round <= ROUNDS && left.length > 0; round++) {
    const done = await mapLimited(left, 8, ({ service, seed }) =>
      run(service, seed).catch((error: unknown) => {
        wrong.push(`seed ${seed}, run ${round}: ${toError(error).message}`);
        return true;
      }),
    );
    left = left.filter((_, index) => !done[index]);
    cloud.clock.advance(HIDDEN_MILLISECONDS);
  }
  for (const { seed } of left) wrong.push(`seed ${seed}: not done after ${ROUNDS} runs`);
  for (const { service } of all) await service[Symbol.asyncDispose]();
  return wrong;
}

/** @throws Error where something is not as promised */
export function promise(kept: boolean, what: string): void {
  if (!kept) throw new Error(what);
}

/** How often a text is among others. */
export function count(texts: readonly string[], text: string): number {
  return texts.filter((one) => one === text).length;
}
