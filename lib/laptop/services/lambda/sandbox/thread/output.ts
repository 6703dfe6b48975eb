import { StringDecoder } from "node:string_decoder";
import type { MessagePort } from "node:worker_threads";
import { OUTPUT_IN_TRANSIT, type WorkerMessage } from "../protocol.ts";

type Written = (error?: Error | null) => void;

/**
 * Sends what the function writes to stdout and stderr to the sandbox at once, write by write. Node's own stdio of a worker
 * thread buffers until the event loop turns, and so loses the last lines before `process.exit()` or a timeout.
 *
 * @param inTransit one Int32 in shared memory; the sandbox counts it down and notifies at half of OUTPUT_IN_TRANSIT
 */
export function captureOutput(port: MessagePort, inTransit: Int32Array<SharedArrayBuffer>): void {
  for (const kind of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    process[kind].write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Written, written?: Written) => {
      const text = typeof chunk === "string" ? chunk : decoder.write(chunk);
      waitForRoom(inTransit);
      port.postMessage({ kind, text } satisfies WorkerMessage);
      const done = typeof encoding === "function" ? encoding : written;
      if (done !== undefined) queueMicrotask(() => done());
      return true;
    };
  }
}

function waitForRoom(inTransit: Int32Array<SharedArrayBuffer>): void {
  if (Atomics.add(inTransit, 0, 1) < OUTPUT_IN_TRANSIT) return;
  for (;;) {
    const count = Atomics.load(inTransit, 0);
    if (count <= OUTPUT_IN_TRANSIT / 2) return;
    Atomics.wait(inTransit, 0, count);
  }
}
