/** The time in which a batch may still grow. */
export interface BatchWindow {
  /** Aborts when the window ends. */
  readonly closed: AbortSignal;
  /** Ends it before its time. */
  close(): void;
}

/**
 * Opens a batching window, which ends early when `stopping` aborts. One of 0 seconds ends with the turn of the event loop:
 * long enough for messages that are ready, or that arrive together, to go in one batch.
 */
export function openWindow(seconds: number, stopping: AbortSignal): BatchWindow {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  if (seconds === 0) {
    const turn = setImmediate(end);
    return { closed: controller.signal, close: () => clearImmediate(turn) };
  }
  const timer = setTimeout(end, seconds * 1000);
  if (stopping.aborted) end();
  stopping.addEventListener("abort", end);
  return {
    closed: controller.signal,
    close: () => {
      clearTimeout(timer);
      stopping.removeEventListener("abort", end);
    },
  };
}

/** Resolves after a time, or at once when the signal aborts. */
export function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
