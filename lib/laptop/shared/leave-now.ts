import { isMainThread } from "node:worker_threads";

let leavesAtExit = false;

/** From now on this process ends without waiting for its threads: `process.exit` would, for ever where one waits inside the operating system. */
export function leaveThreadsAtExit(): void {
  if (leavesAtExit || !isMainThread) return;
  leavesAtExit = true;
  process.once("exit", leaveNow);
}

/** Ends this process as it is. Another program in its place is what the system ends all threads for. */
function leaveNow(status: number): void {
  process.emitWarning = () => {};
  try {
    process.execve?.("/bin/sh", ["sh", "-c", `exit ${status}`], {});
  } catch {
    // Windows cannot.
  }
  process.kill(process.pid, "SIGKILL");
}
