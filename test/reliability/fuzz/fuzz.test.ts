import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";

test("of 20,000 generated bodies each is handled once or dead once with a reason, and its neighbours are unharmed", async () => {
  const { handled, dead } = await fuzz({ bodies: 20_000, seed: 1 });

  expect(handled).toBeGreaterThan(5_000);
  expect(dead).toBeGreaterThan(5_000);
}, 120_000);
