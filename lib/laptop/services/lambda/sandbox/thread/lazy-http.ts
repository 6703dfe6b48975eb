/** What Node's `http` has of its `fetch`, whose code is only loaded when one of these is read. */
const OF_FETCH = ["WebSocket", "CloseEvent", "MessageEvent"];

/**
 * Keeps `import "node:http"`, which every AWS client contains, from loading the code of `fetch`: an import reads each enumerable
 * member. That would cost every execution environment 22 ms and 1.7 MB at its first AWS call. The members stay where they are, as
 * `http.WebSocket`; only `import { WebSocket } from "node:http"` finds nothing.
 */
export function keepFetchUnloaded(): void {
  const http = process.getBuiltinModule("node:http");
  for (const name of OF_FETCH) if (name in http) Reflect.defineProperty(http, name, { enumerable: false });
}
