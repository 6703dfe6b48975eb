import { syncBuiltinESMExports } from "node:module";

/** How Lambda's log names the signals that end a runtime, where that is not their name. */
const SIGNAL_TEXTS: ReadonlyMap<string | number, string> = new Map<string | number, string>([
  ["SIGKILL", "killed"],
  [9, "killed"],
  ["SIGTERM", "terminated"],
  [15, "terminated"],
  ["SIGINT", "interrupt"],
  [2, "interrupt"],
]);

/**
 * Lets the function's code take this thread for a process, as in Lambda: it finds no parent to talk to, and a signal that it sends to
 * itself, its parent or its group ends the execution environment and not the laptop cloud.
 *
 * @param onSignal ends the environment; it is given the signal's text
 */
export function standInForProcess(onSignal: (signal: string) => never): void {
  Object.assign(process.getBuiltinModule("node:worker_threads"), { parentPort: null, workerData: null, isMainThread: true });
  syncBuiltinESMExports();
  const { pid, ppid } = process;
  const own = new Set([pid, -pid, ppid, -ppid, 0, -0, -1]);
  const kill = process.kill.bind(process);
  process.kill = (target, signal = "SIGTERM") => {
    if (!own.has(target)) return kill(target, signal);
    if (signal === 0) return true;
    return onSignal(SIGNAL_TEXTS.get(signal) ?? String(signal));
  };
}
