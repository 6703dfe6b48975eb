import { leaveThreadsAtExit } from "#lib/laptop/shared/leave-now.ts";

/** Aborts on Ctrl-C, on SIGTERM, or when the reader of the output goes away. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort).once("SIGTERM", abort);
  process.stdout.once("error", abort);
  return controller.signal;
}

/** How long a cloud may take to stop once it is interrupted. Its own steps are bounded, and come to less. */
const STOPS_WITHIN_MILLISECONDS = 2_700;

/** Ends this process some time after it was interrupted, whatever still hangs: engines, children and threads go with it. */
export function leaveSoonAfter(interrupted: AbortSignal): void {
  const leave = (): void => {
    process.stderr.write("\nfanfare: the laptop cloud did not stop in time: left without waiting for it\n");
    leaveThreadsAtExit();
    process.exit(1);
  };
  interrupted.addEventListener("abort", () => setTimeout(leave, STOPS_WITHIN_MILLISECONDS).unref(), { once: true });
}
