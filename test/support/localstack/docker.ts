import { execFile } from "node:child_process";
import { createConnection, createServer } from "node:net";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";
import { waitForHealth } from "./health.ts";
import type { LocalStack, StartOptions } from "./localstack.ts";

const IMAGE = "localstack/localstack:4.14.0";

const READY_WITHIN_SECONDS = 300;

const run = promisify(execFile);

/** Whether a Docker engine answers on this machine. */
export async function dockerRuns(): Promise<boolean> {
  try {
    await run("docker", ["info"]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts LocalStack's own image. The functions run in containers of their own, which it starts by the machine's Docker.
 *
 * @throws Problem when it does not answer in time; Error with Docker's words when the image cannot be had
 */
export async function startInDocker({ endpoints, signal }: StartOptions): Promise<LocalStack> {
  const port = await freePort();
  const forFunctions = Object.entries(endpoints).map(([name, url]) => `-e ${name}=${url}`);
  const environment = ["SQS_ENDPOINT_STRATEGY=path", "DISABLE_EVENTS=1", `LAMBDA_DOCKER_FLAGS=${forFunctions.join(" ")}`];
  const { stdout } = await run(
    "docker",
    [
      "run",
      "--detach",
      "--rm",
      `--publish=127.0.0.1:${port}:4566`,
      "--volume=/var/run/docker.sock:/var/run/docker.sock",
      ...environment.map((variable) => `--env=${variable}`),
      IMAGE,
    ],
    { signal },
  );
  const stop = async () => void (await run("docker", ["stop", stdout.trim()]));
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    const version = await waitForHealth(endpoint, new Promise<string>(() => {}), {
      withinSeconds: READY_WITHIN_SECONDS,
      signal,
    });
    return { endpoint, version, how: "in Docker", stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Lets containers reach loopback ports of this machine. Docker Desktop does so by a name; on Linux the ports are relayed from the
 * address that the machine has on Docker's bridge, which no other machine reaches.
 *
 * @returns the host by which containers call them, and what ends that
 */
export async function reachableFromContainers(ports: readonly number[]): Promise<{ host: string; stop(): Promise<void> }> {
  if (process.platform !== "linux") return { host: "host.docker.internal", stop: async () => {} };
  const format = "--format={{(index .IPAM.Config 0).Gateway}}";
  const { stdout } = await run("docker", ["network", "inspect", "bridge", format]);
  const host = stdout.trim();
  const relays = await Promise.all(ports.map((port) => startRelay(host, port)));
  return { host, stop: async () => void relays.map((relay) => relay.close()) };
}

async function startRelay(host: string, port: number) {
  const relay = createServer((from) => {
    const to = createConnection(port, "127.0.0.1");
    for (const [end, other] of [[from, to] as const, [to, from] as const]) {
      end.on("error", () => other.destroy()).pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => relay.once("error", reject).listen(port, host, resolve));
  return relay.unref();
}
