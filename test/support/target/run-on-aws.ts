/**
 * `npm run test:aws -- --stage dev`: runs the tests of the deployed app on a stage in AWS, with the credentials of the environment. It
 * says first what they will touch. Exit code 1 when a test fails, or the stage cannot be reached.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../../bin/root.ts";
import { serviceNames } from "../../../bin/services.ts";
import { findStage, type FoundStage } from "./find-stage.ts";
import { targetFrom } from "./target.ts";

const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");

try {
  const environment = { ...process.env, FANFARE_TARGET: "aws", FANFARE_STAGE: stageOf(process.argv.slice(2)) };
  const target = targetFrom(environment);
  console.error(announcement(target.stage, await findStage(target)));
  const vitest = spawn(process.execPath, [VITEST, "run", "--project", "shop"], {
    cwd: ROOT,
    env: environment,
    stdio: "inherit",
  });
  const [code]: unknown[] = await once(vitest, "exit");
  process.exitCode = code === 0 ? 0 : 1;
} catch (error) {
  console.error(`test:aws: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** @throws Error when the arguments are anything but `--stage <name>` */
function stageOf(parameters: string[]): string {
  const { stage } = parseArgs({ args: parameters, options: { stage: { type: "string" } } }).values;
  if (!stage) throw new Error("which stage? Expected npm run test:aws -- --stage dev");
  return stage;
}

/** What the tests will touch. */
function announcement(stage: string, { place, account, region }: FoundStage): string {
  const services = serviceNames(ROOT);
  return [
    `The tests will run on stage ${stage} at ${place}: account ${account}, ${region}.`,
    `  topics and queues   publish a few hundred events, and let some die`,
    `  tables              write to fanfare-${stage}-{${services.join(",")}}`,
    `  e-mail              about ten, to SES's mailbox simulator`,
    `  payments            none, unless the stage's payment provider is the stand-in`,
    `Every id begins with a text that no other run has, and what has such an id is deleted in the end.`,
  ].join("\n");
}
