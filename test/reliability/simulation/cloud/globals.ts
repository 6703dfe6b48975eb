import { fetchOutside } from "./outside.ts";
import type { Environment } from "./environment.ts";
import { runningEnvironment } from "./running.ts";
import type { Scheduled } from "../scheduler.ts";

/** A timer of an environment. */
interface Timer {
  readonly scheduled: Scheduled;
  cancelled: boolean;
  unref(): Timer;
}

/** The time by the clock of the environment that runs: it may be off. */
function now(): number {
  const { world, skew } = runningEnvironment();
  return Math.floor(world.scheduler.now + skew);
}

function setTimer(run: () => void, milliseconds = 0): Timer {
  const environment = runningEnvironment();
  const timer: Timer = {
    scheduled: environment.world.scheduler.after(milliseconds, () =>
      environment.resume(() => {
        if (!timer.cancelled) run();
      }),
    ),
    cancelled: false,
    unref: () => timer,
  };
  return timer;
}

function clearTimer(timer?: Timer): void {
  if (!timer) return;
  timer.cancelled = true;
  timer.scheduled.run = undefined;
}

/** The clock as a class, for `new Date()` and `Date.now()`. */
class SimulatedDate extends Date {
  constructor(value: number | string = now()) {
    super(value);
  }

  static override now(): number {
    return now();
  }
}

/** What a function finds in place of the globals that tell time, make chance or reach out. */
export const globals = {
  process: {
    get env() {
      return runningEnvironment().variables;
    },
    stdout: { write: () => true },
    exit: () => {
      runningEnvironment().crash();
      throw new Error("the process has ended");
    },
  },
  Date: SimulatedDate,
  Math: Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(Math), random: { value: () => runningEnvironment().random.next() } },
  ),
  crypto: {
    randomUUID: () => uuid(runningEnvironment()),
    getRandomValues: (bytes: Uint8Array) => {
      const { random } = runningEnvironment();
      for (let index = 0; index < bytes.length; index++) bytes[index] = random.uint32();
      return bytes;
    },
  },
  performance: {
    now: () => {
      const { scheduler, startedAt } = runningEnvironment().world;
      return scheduler.now - startedAt;
    },
    mark: (name: string, { detail }: { detail?: unknown } = {}) => {
      const environment = runningEnvironment();
      environment.world.checks.marked(environment, name, detail);
    },
  },
  setTimeout: setTimer,
  clearTimeout: clearTimer,
  AbortSignal: {
    timeout: (milliseconds: number) => {
      const controller = new AbortController();
      setTimer(() => controller.abort(), milliseconds);
      return controller.signal;
    },
    any: (signals: readonly AbortSignal[]) => {
      const controller = new AbortController();
      for (const signal of signals) signal.addEventListener("abort", () => controller.abort(), { once: true });
      if (signals.some(({ aborted }) => aborted)) controller.abort();
      return controller.signal;
    },
  },
  fetch: (url: string, init: RequestInit) => fetchOutside(runningEnvironment(), url, init),
} as const;

/** The names of the globals that are replaced. */
export const GLOBAL_NAMES = Object.keys(globals).filter((name): name is keyof typeof globals => name in globals);

/** A UUID out of the environment's own chance. */
export function uuid({ random }: Environment): string {
  const hex = () => random.uint32().toString(16).padStart(8, "0");
  const [a, b, c, d] = [hex(), hex(), hex(), hex()];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
