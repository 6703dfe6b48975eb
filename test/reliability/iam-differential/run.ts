/**
 * `npm run iam:differential`: random policies and calls, decided by our evaluator and by @cloud-copilot/iam-simulate. `--cases` says how
 * many (default: 20,000), `--seed` which. Exit code 1 where the two differ and no entry of `explanations.ts` accounts for it.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { compare } from "./differential.ts";

const FOLDER = path.join(import.meta.dirname, "../../../.fanfare/iam-simulate");
const SHOWN = 5;

const { values } = parseArgs({
  options: { cases: { type: "string", default: "20000" }, seed: { type: "string", default: "7" } },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isInteger(cases) || cases < 1) throw new Error(`--cases is ${values.cases}: expected a whole number from 1.`);
if (!Number.isInteger(seed)) throw new Error(`--seed is ${values.seed}: expected a whole number.`);

const { agreed, explained, unexplained } = await compare(FOLDER, seed, cases);
console.log(`Seed ${seed}: of ${cases} cases, both decide ${agreed} alike (${((agreed / cases) * 100).toFixed(1)} %).`);
for (const [name, count] of explained) console.log(`${String(count).padStart(7)}  ${name}`);
for (const { number, asked, ours, theirs } of unexplained.slice(0, SHOWN))
  console.error(`Case ${number}: we say ${ours}, they say ${theirs}:\n${JSON.stringify(asked)}`);
if (unexplained.length > 0) {
  console.error(`${unexplained.length} differences are not explained: mend the evaluator, or add an entry to explanations.ts.`);
  process.exitCode = 1;
}
