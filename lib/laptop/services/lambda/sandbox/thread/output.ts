import { StringDecoder } from "node:string_decoder";
import type { MessagePort } from "node:worker_threads";
import { OUTPUT_IN_TRANSIT, SHARED, type WorkerMessage } from "../protocol.ts";

/** Most that goes in one message, in UTF-16 code units. */
const PIECE = OUTPUT_IN_TRANSIT / 4;

type Written = (error?: Error | null) => void;

/**
 * Sends what the function writes to stdout and stderr to the sandbox at once, write by write. Node's own stdio of a worker
 * thread buffers until the event loop turns, and so loses the last lines before `process.exit()` or a timeout.
 *
 * @param shared the sandbox counts down what is in transit, and notifies at half of OUTPUT_IN_TRANSIT
 */
export function captureOutput(port: MessagePort, shared: Int32Array<SharedArrayBuffer>): void {
  for (const kind of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    process[kind].write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Written, written?: Written) => {
      const text = typeof chunk === "string" ? chunk : decoder.write(chunk);
      for (let start = 0; start < text.length; start += PIECE) {
        const piece = text.slice(start, start + PIECE);
        waitForRoom(shared, piece.length);
        port.postMessage({ kind, text: piece } satisfies WorkerMessage);
      }
      const done = typeof encoding === "function" ? encoding : written;
      if (done !== undefined) queueMicrotask(() => done());
      return true;
    };
  }
}

function waitForRoom(shared: Int32Array<SharedArrayBuffer>, length: number): void {
  const { outputInTransit } = SHARED;
  let inTransit = Atomics.load(shared, outputInTransit);
  if (inTransit >= OUTPUT_IN_TRANSIT)
    for (; inTransit > OUTPUT_IN_TRANSIT / 2; inTransit = Atomics.load(shared, outputInTransit))
      Atomics.wait(shared, outputInTransit, inTransit);
  Atomics.add(shared, outputInTransit, length);
}
