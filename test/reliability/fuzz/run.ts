/**
 * `npm run fuzz`: generated bodies through the real consumer. `--bodies` says how many (default: 1,000,000), `--seed` which;
 * `--path` repeats one failure that an earlier run has found. Exit code 1 when one was found, with the smallest that fails.
 * `npm run fuzz -- gateway`: generated requests to the laptop cloud's gateway, `--requests` of them (default: 100,000).
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { fuzzGateway } from "./gateway/fuzz-gateway.ts";
import { runFuzzedCloud } from "./gateway/fuzzed-cloud.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bodies: { type: "string", default: "1000000" },
    requests: { type: "string", default: "100000" },
    seed: { type: "string" },
    path: { type: "string" },
  },
});
const seed = values.seed === undefined ? Date.now() % 1_000_000 : wholeNumber("seed", values.seed);
const found = values.path === undefined ? {} : { path: values.path };
const [part] = positionals;
if (part !== undefined && part !== "gateway") throw new Error(`there is no fuzz of ${part}: expected gateway, or nothing`);
const again =
  part === undefined ? `--bodies ${values.bodies} --seed ${seed}` : `${part} --requests ${values.requests} --seed ${seed}`;
console.error(`again: npm run fuzz -- ${again}`);
const started = performance.now();
try {
  console.log(await (part === undefined ? ofRuntime() : ofGateway()));
} catch (error) {
  console.log(error instanceof Error ? `${error.message}\n${error.cause instanceof Error ? error.cause.message : ""}` : error);
  console.log(`one alone: npm run fuzz -- ${again} --path <path from above>`);
  process.exitCode = 1;
}

async function ofRuntime(): Promise<string> {
  const { handled, dead } = await fuzz({ bodies: wholeNumber("bodies", values.bodies), seed, ...found });
  return `${pace(handled + dead, "records")}: ${handled} took effect once, ${dead} are dead once with their reason`;
}

async function ofGateway(): Promise<string> {
  const requests = wholeNumber("requests", values.requests);
  const cloud = await runFuzzedCloud();
  try {
    const answers = [...(await fuzzGateway({ endpoint: cloud.endpoint, requests, seed, ...found }))];
    const shown = answers.sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status === 0 ? "closed" : status}`);
    return `${pace(requests, "requests")}: ${shown.join(", ")}`;
  } finally {
    await cloud.stop();
  }
}

function pace(count: number, of: string): string {
  const seconds = (performance.now() - started) / 1_000;
  return `${count} ${of} in ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(0)} per s, load ${loadavg()[0]?.toFixed(1)}`;
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}": expected a whole number`);
}
