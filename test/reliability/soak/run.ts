/**
 * `npm run soak`: a persistent laptop cloud under load, parts of which are killed at random; afterwards every event is accounted
 * for. `--kills` says how often (default: 500), `--seed` where and when. Exit code 1 when something is not as it should be.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { ensureAssembly } from "../../../bin/assembly.ts";
import { ASSEMBLY } from "../../../bin/root.ts";
import { soak } from "./soak.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "500" }, seed: { type: "string" } } });
const kills = wholeNumber("kills", values.kills);
const seed = values.seed === undefined ? Date.now() % 1_000_000 : wholeNumber("seed", values.seed);
process.stderr.write(`${kills} kills; again: npm run soak -- --kills ${kills} --seed ${seed}\n`);

await ensureAssembly();
const started = performance.now();
const report = await soak({ assembly: ASSEMBLY, kills, seed, onKill: progress });
const { worker, engine, parent } = report.kills;
process.stderr.write("\n");
process.stdout.write(
  `${worker} workers, ${engine} engines and ${parent} whole clouds killed in ${((performance.now() - started) / 1_000).toFixed(0)} s, load ${loadavg()[0]?.toFixed(1)}\n` +
    `${report.acknowledged} events acknowledged in ${report.publishCalls} publish calls; ${report.events} events at ${report.deliveries} subscriptions checked, ${report.redriven} dead letters sent back; dead in the end: ${[...report.deadLetters].map(([what, count]) => `${count} ${what}`).join(", ") || "none"}\n` +
    (report.findings.length === 0
      ? "nothing lost, nothing doubled, nothing phantom\n"
      : `${report.findings.length} findings:\n${report.findings.map((finding) => `  ${finding}\n`).join("")}`),
);
process.exitCode = report.findings.length === 0 ? 0 : 1;

function progress(done: number, victim: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${done} of ${kills} kills: ${victim}`);
  else if (done % 50 === 0) process.stderr.write(`${done} of ${kills} kills\n`);
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}": expected a whole number`);
}
