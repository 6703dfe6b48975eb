/** Aborts when the person ends the command (Ctrl-C), or whoever reads its output goes away. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort).once("SIGTERM", abort);
  process.stdout.once("error", abort);
  return controller.signal;
}
