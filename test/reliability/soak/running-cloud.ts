import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as v from "valibot";
import { type Order, type Report, report } from "./messages.ts";

const PROGRAM = join(import.meta.dirname, "cloud-process.ts");

/** What a cloud is started with. */
export interface CloudSettings {
  readonly assembly: string;
  /** The folder that keeps its state. */
  readonly persist: string;
  /** Address of the payment provider. */
  readonly provider: string;
}

/** A laptop cloud in a process of its own, which can be killed. */
export class RunningCloud {
  readonly endpoint: string;
  readonly #tableProcess: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, ended: Promise<unknown>, ready: Extract<Report, { kind: "ready" }>) {
    this.#child = child;
    this.#ended = ended;
    this.endpoint = ready.endpoint;
    this.#tableProcess = ready.tableProcess;
  }

  /** @throws Error with what the process wrote, where it ends before it is ready. */
  static async start({ assembly, persist, provider }: CloudSettings): Promise<RunningCloud> {
    const child = fork(PROGRAM, [assembly, persist, provider], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-2_000)));
    const ended = once(child, "exit");
    const ready = await Promise.race([reportOf(child, ["ready"]), ended.then(() => undefined)]);
    if (ready?.kind !== "ready") throw new Error(`the laptop cloud did not start: ${stderr.trim()}`);
    return new RunningCloud(child, ended, ready);
  }

  /** Makes waiting retries, and what crashed batches hold, due at once. */
  skipWaits(): void {
    this.#tell({ kind: "skip waits" });
  }

  /** Waits until so many more invocations have ended well. */
  async work(invocations: number): Promise<void> {
    const answer = reportOf(this.#child, ["worked"]);
    this.#tell({ kind: "work", invocations });
    await answer;
  }

  /** Ends an execution environment of a function. @returns whether one was alive */
  async killWorker(functionName: string): Promise<boolean> {
    const answer = reportOf(this.#child, ["crashed"]);
    this.#tell({ kind: "crash", functionName });
    const crashed = await answer;
    return crashed.kind === "crashed" && crashed.alive;
  }

  /** Kills the DynamoDB engine, and waits until the cloud has ended because of it. */
  async killEngine(): Promise<void> {
    process.kill(this.#tableProcess, "SIGKILL");
    await this.#ended;
  }

  /** Kills the whole process. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Waits until no queue holds anything and nothing runs. @throws Error that says what is left. */
  async settle(): Promise<void> {
    const answer = reportOf(this.#child, ["settled", "unsettled"]);
    this.#tell({ kind: "settle" });
    const settled = await answer;
    if (settled.kind === "unsettled") throw new Error(settled.reason);
  }

  async stop(): Promise<void> {
    this.#tell({ kind: "stop" });
    await this.#ended;
  }

  #tell(order: Order): void {
    this.#child.send(order);
  }
}

/** The next report of one of some kinds. @throws Error when the process ends without it. */
async function reportOf(child: ChildProcess, kinds: readonly Report["kind"][]): Promise<Report> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  const listen = (message: unknown) => {
    const given = v.parse(report, message);
    if (kinds.includes(given.kind)) resolve(given);
  };
  const leave = () => reject(new Error(`the laptop cloud ended and reported no ${kinds.join(" or ")}`));
  child.on("message", listen).once("exit", leave);
  try {
    return await promise;
  } finally {
    child.off("message", listen).off("exit", leave);
  }
}
