import { expect, test } from "vitest";
import { ASSEMBLY } from "../../support/assembly.ts";
import { soak } from "./soak.ts";

test("twenty kills of workers, engines and whole clouds under load lose nothing and double nothing", async () => {
  const { findings, kills, deliveries, deadLetters } = await soak({ assembly: ASSEMBLY, kills: 20, seed: 1 });

  expect(findings).toEqual([]);
  expect([...deadLetters]).toEqual([]);
  expect(kills).toEqual({ worker: expect.any(Number), engine: expect.any(Number), parent: expect.any(Number) });
  expect(Math.min(...Object.values(kills))).toBeGreaterThan(0);
  expect(deliveries).toBeGreaterThan(100);
}, 240_000);
