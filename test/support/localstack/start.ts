import { mkdir } from "node:fs/promises";
import { dockerRuns, reachableFromContainers, startInDocker } from "./docker.ts";
import type { Stopwatch } from "./figures.ts";
import { FOLDER } from "./folder.ts";
import { startOnHost } from "./host/host.ts";
import { installLocalStack } from "./host/install.ts";
import type { LocalStack } from "./localstack.ts";
import { startMail, startPayments } from "./stand-ins.ts";

/** What a run has started. */
export interface Started {
  readonly localstack: LocalStack;
  /** Where functions reach the payment provider. */
  readonly paymentsUrl: string;
}

/**
 * Installs LocalStack where Docker does not run, unless it is installed already. {@link start} does so too: this is for those who
 * measure how long the rest takes.
 *
 * @throws Problem when LocalStack cannot be installed
 */
export async function prepareLocalStack(watch: Stopwatch, signal: AbortSignal): Promise<void> {
  if (!(await dockerRuns())) await install(watch, signal);
}

/**
 * Starts LocalStack, in Docker where that runs and on the host where it does not, and beside it what the functions call that it
 * does not have.
 *
 * @param running takes what has to be stopped
 * @throws Problem when LocalStack cannot be installed or does not start
 */
export async function start(running: AsyncDisposableStack, watch: Stopwatch, signal: AbortSignal): Promise<Started> {
  const mail = await startMail();
  running.defer(() => mail.stop());
  const payments = await startPayments();
  running.defer(() => payments.stop());
  await mkdir(FOLDER, { recursive: true });
  const inDocker = await dockerRuns();
  let host = "127.0.0.1";
  if (inDocker) {
    const reachable = await reachableFromContainers([mail.port, payments.port]);
    running.defer(() => reachable.stop());
    ({ host } = reachable);
  }
  const options = { endpoints: { AWS_ENDPOINT_URL_SESV2: `http://${host}:${mail.port}` }, signal };
  const localstack = await (inDocker ? watch.measure("start", () => startInDocker(options)) : installAndStart(watch, options));
  running.defer(() => localstack.stop());
  return { localstack, paymentsUrl: `http://${host}:${payments.port}` };
}

async function installAndStart(watch: Stopwatch, options: Parameters<typeof startOnHost>[1]): Promise<LocalStack> {
  const python = await install(watch, options.signal);
  return watch.measure("start", () => startOnHost(python, options));
}

/** @returns the Python that LocalStack is installed for */
async function install(watch: Stopwatch, signal: AbortSignal): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  return watch.measure("install", (say) => installLocalStack(say, signal));
}
