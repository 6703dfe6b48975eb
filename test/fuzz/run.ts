/**
 * `npm run fuzz`: generated bodies through the real consumer. `--bodies` says how many (default: 1,000,000), `--seed` which;
 * `--path` repeats one failure that an earlier run has found. Exit code 1 when one was found, with the smallest that fails.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: { bodies: { type: "string", default: "1000000" }, seed: { type: "string" }, path: { type: "string" } },
});
const bodies = wholeNumber("bodies", values.bodies);
const seed = values.seed === undefined ? Date.now() % 1_000_000 : wholeNumber("seed", values.seed);
console.error(`${bodies} bodies; again: npm run fuzz -- --bodies ${bodies} --seed ${seed}`);
const started = performance.now();
try {
  const { handled, dead } = await fuzz({ bodies, seed, ...(values.path !== undefined && { path: values.path }) });
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `${handled + dead} records in ${seconds.toFixed(0)} s, ${((handled + dead) / seconds).toFixed(0)} per s, load ${loadavg()[0]?.toFixed(1)}: ` +
      `${handled} took effect once, ${dead} are dead once with their reason`,
  );
} catch (error) {
  console.log(error instanceof Error ? `${error.message}\n${error.cause instanceof Error ? error.cause.message : ""}` : error);
  console.log(`one alone: npm run fuzz -- --bodies ${bodies} --seed ${seed} --path <path from above>`);
  process.exitCode = 1;
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}": expected a whole number`);
}
