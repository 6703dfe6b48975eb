import { expect, test } from "vitest";
import { sized } from "../../support/proof.ts";
import { ASSEMBLY } from "../../support/assembly.ts";
import { soak } from "./soak.ts";

const SOAK = sized({ short: { name: "three", kills: 3, seed: 10 }, long: { name: "twelve", kills: 12, seed: 1 } });

test(`${SOAK.name} kills of workers, engines and whole clouds under load lose nothing and double nothing`, async () => {
  const { findings, kills, deliveries, deadLetters } = await soak({ assembly: ASSEMBLY, kills: SOAK.kills, seed: SOAK.seed });

  expect(findings).toEqual([]);
  expect([...deadLetters]).toEqual([]);
  expect(kills).toEqual({ worker: expect.any(Number), engine: expect.any(Number), parent: expect.any(Number) });
  expect(Math.min(...Object.values(kills))).toBeGreaterThan(0);
  expect(deliveries).toBeGreaterThan(5 * SOAK.kills);
}, 240_000);
