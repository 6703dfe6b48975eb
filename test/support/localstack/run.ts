/**
 * `npm run test:localstack`: installs LocalStack if it has to, starts it, deploys with `cdk deploy` and runs the tests of deployed apps
 * against it. Parameters after `--` are vitest's; `--stay` leaves LocalStack running instead, with the apps in it, until Ctrl-C.
 */
import { once } from "node:events";
import { APP } from "../conformance/app-command.ts";
import { standInSettings } from "../../../functions/payments/stand-in.ts";
import { type App, bootstrap, deploy, setParameters } from "./deploy.ts";
import { report, Stopwatch } from "./figures.ts";
import { Problem } from "./problem.ts";
import { start, type Started } from "./start.ts";
import { runSuite } from "./suite.ts";

/** The apps that the tests talk to. */
const APPS: readonly App[] = [{ name: "fanfare" }, { name: "conformance", command: `node ${APP}` }];

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interruption.abort());

const watch = new Stopwatch((line) => console.log(line));
try {
  process.exitCode = (await run(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!signal.aborted && !(error instanceof Problem)) throw error;
  console.error(signal.aborted ? "interrupted" : String(error));
  process.exitCode = signal.aborted ? 130 : 1;
}

/** @returns whether all tests passed */
async function run(parameters: readonly string[]): Promise<boolean> {
  await using running = new AsyncDisposableStack();
  const started = await start(running, watch, signal);
  const { localstack } = started;
  await watch.measure("deploy", (say) => deployAll(started, say));
  if (parameters.includes("--stay")) {
    console.log(`AWS_ENDPOINT_URL=${localstack.endpoint} until Ctrl-C`);
    await once(signal, "abort");
    return true;
  }
  const passed = await watch.measure("suite", () => runSuite(localstack.endpoint, parameters, signal));
  console.log(await report(localstack, watch.seconds, passed));
  return passed;
}

async function deployAll({ localstack: { endpoint }, paymentsUrl }: Started, say: (line: string) => void): Promise<void> {
  const options = { endpoint, say, signal };
  await bootstrap(options);
  await setParameters(endpoint, standInSettings(paymentsUrl));
  await Promise.all(APPS.map((app) => deploy(app, options)));
}
