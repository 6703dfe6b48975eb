import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { locateBinary } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { freePort } from "../../free-port.ts";
import { FOLDER } from "../folder.ts";
import { waitForHealth } from "../health.ts";
import type { LocalStack, StartOptions } from "../localstack.ts";

const PLUGINS = join(import.meta.dirname, "plugins");
const LOG = join(FOLDER, "localstack.log");

const READY_WITHIN_SECONDS = 120;

/** Characters of LocalStack's log that tell why it ended. */
const LAST_WORDS = 1_000;

/**
 * Starts LocalStack without Docker: on a free loopback port, with all its files in one folder that goes with it.
 * docs/decisions/localstack-without-docker.md says what plays Docker's part.
 *
 * @param python of the environment that LocalStack is installed in
 * @throws Problem when it ends, or does not answer in time
 */
export async function startOnHost(python: string, { endpoints, signal }: StartOptions): Promise<LocalStack> {
  await removeLeftovers();
  const files = join(FOLDER, `run-${process.pid}`);
  await layOut(files);
  const address = `127.0.0.1:${await freePort()}`;
  const log = await open(LOG, "w");
  const child = spawn(python, ["-m", "localstack.runtime.main"], {
    cwd: files,
    env: { ...environmentFor(files, address), ...endpoints },
    // The plugins end LocalStack when its standard input closes, which it does with this process, however this one ends.
    stdio: ["pipe", log.fd, log.fd],
    // Ctrl-C reaches a process group: LocalStack is stopped by us, when nothing needs it any more.
    detached: true,
  });
  await log.close();
  const stop = async () => {
    await end(child);
    await rm(files, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const endpoint = `http://${address}`;
    const ended = once(child, "exit").then(() => lastWords());
    const version = await waitForHealth(endpoint, ended, { withinSeconds: READY_WITHIN_SECONDS, signal });
    return { endpoint, version, how: "on this host", stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Deletes what runs have left that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(FOLDER)) {
    const [, pid] = /^run-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(FOLDER, name), { recursive: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Puts what LocalStack looks for where it looks: a file that stands for DynamoDB Local, and the Java that would start it. */
async function layOut(files: string): Promise<void> {
  const packages = join(files, "var/lib/localstack/lib");
  const jar = join(packages, "dynamodb-local/2/DynamoDBLocal.jar");
  const java = join(packages, "java/21", process.platform === "darwin" ? "Contents/Home/bin/java" : "bin/java");
  for (const file of [jar, java, join(files, "tmp/package.json")]) await mkdir(dirname(file), { recursive: true });
  await writeFile(jar, "");
  await copyFile(join(import.meta.dirname, "dynamodb-local.sh"), java);
  await chmod(java, 0o755);
  // Functions are unpacked below this: the project's own package.json would make ES modules of their .js files.
  await writeFile(join(files, "tmp/package.json"), "{}");
}

function environmentFor(files: string, address: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    // Everything that LocalStack and what it is made of might write lies in the run's own folder.
    HOME: files,
    XDG_CACHE_HOME: join(files, "cache"),
    TEMP: join(files, "tmp"),
    FILESYSTEM_ROOT: files,
    PYTHONPATH: PLUGINS,
    PYTHONDONTWRITEBYTECODE: "1",
    OVERRIDE_IN_DOCKER: "0",
    GATEWAY_LISTEN: address,
    LOCALSTACK_HOST: address,
    SQS_ENDPOINT_STRATEGY: "path",
    // Nothing is asked of the network: no DNS server, no certificate, no events to its makers, a dead port for its catalogue.
    DNS_ADDRESS: "0",
    SKIP_SSL_CERT_DOWNLOAD: "1",
    DISABLE_EVENTS: "1",
    API_ENDPOINT: "http://127.0.0.1:9",
    // The second version takes streams from the DynamoDB server itself; the first would download Kinesis for them.
    PROVIDER_OVERRIDE_DYNAMODB: "v2",
    PROVIDER_OVERRIDE_DYNAMODBSTREAMS: "v2",
    DYNAMODB_IN_MEMORY: "1",
    FANFARE_DYNOXIDE: locateBinary(process.platform, process.arch),
    LAMBDA_RUNTIME_EXECUTOR: "fanfare",
    FANFARE_NODE: process.execPath,
    ...POLLING,
  };
}

/** LocalStack's mappings pause for 1 to 10 s between two polls. AWS's do not pause. */
const POLLING = {
  LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC: "0.1",
  LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: "0.25",
};

async function end(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  child.stdin?.destroy();
  await ended;
}

async function lastWords(): Promise<string> {
  return `${(await readFile(LOG, "utf8")).slice(-LAST_WORDS)}\n(all of it: ${LOG})`;
}
