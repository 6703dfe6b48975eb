/*
 * A program of its own, which `npm run iam:differential` copies beside an installation of @cloud-copilot/iam-simulate and runs there:
 * simulations on standard input, one JSON text per line; on standard output a line each with what was decided.
 */
import { createInterface } from "node:readline";
import { runSimulation } from "@cloud-copilot/iam-simulate";

for await (const line of createInterface({ input: process.stdin })) {
  const result = await runSimulation(JSON.parse(line), {}).catch((error) => ({ resultType: "error", errors: String(error) }));
  process.stdout.write(`${result.resultType === "error" ? `error ${JSON.stringify(result.errors)}` : result.overallResult}\n`);
}
