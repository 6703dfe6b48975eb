/** Aborts on Ctrl-C, on SIGTERM, or when the reader of the output goes away. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort).once("SIGTERM", abort);
  process.stdout.once("error", abort);
  return controller.signal;
}
