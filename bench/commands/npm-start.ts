import { spawn } from "node:child_process";
import { once } from "node:events";

/** What the overview says first, with its address. */
const READY = /Fanfare runs at (http:\S+)/;

/** A system that `npm start` runs, as a developer would. */
export interface Running {
  readonly endpoint: string;
  /** The process id of npm. */
  readonly pid: number;
  /** From the start of npm until it said that it runs. */
  readonly readyMilliseconds: number;
  /** Ends it as Ctrl-C does; returns the milliseconds that it took. */
  interrupt(): Promise<number>;
}

/** Runs `npm start` in a project's folder, on a port that is free. @throws Error with its output when it ends instead. */
export async function npmStart(folder: string, environment: NodeJS.ProcessEnv = {}): Promise<Running> {
  const started = performance.now();
  const child = spawn("npm", ["start", "--", "--port", "0"], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own: Ctrl-C goes to a whole group.
    detached: true,
  });
  const { pid } = child;
  const interrupt = () => pid !== undefined && process.kill(-pid, "SIGINT");
  // The group outlives this process otherwise, when the bench itself is interrupted.
  process.once("exit", interrupt);
  const ended = once(child, "close").finally(() => process.off("exit", interrupt));
  let output = "";
  const ready = new Promise<string>((resolve) => {
    const read = (text: string) => {
      output += text;
      const endpoint = READY.exec(output)?.[1];
      if (endpoint) resolve(endpoint);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
  });
  const endpoint = await Promise.race([ready, ended.then(() => undefined)]);
  if (endpoint === undefined || pid === undefined) throw new Error(`npm start ended: ${output.trim()}`);
  return {
    endpoint,
    pid,
    readyMilliseconds: performance.now() - started,
    interrupt: async () => {
      const interrupted = performance.now();
      interrupt();
      await ended;
      return performance.now() - interrupted;
    },
  };
}
