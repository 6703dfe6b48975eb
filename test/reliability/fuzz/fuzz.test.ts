import { expect, test } from "vitest";
import { sized } from "../../support/proof.ts";
import { fuzz } from "./fuzz.ts";

const BODIES = sized({ short: 800, long: 20_000 });

test(`of ${BODIES.toLocaleString("en")} generated bodies each is handled once or dead once with a reason, and its neighbours are unharmed`, async () => {
  const { handled, dead } = await fuzz({ bodies: BODIES, seed: 1 });

  expect(handled).toBeGreaterThan(BODIES / 4);
  expect(dead).toBeGreaterThan(BODIES / 4);
}, 120_000);
