import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { FuzzedRequest } from "./requests.ts";

/** Far longer than any answer takes. A request that is still unanswered by then hangs. */
const PATIENCE_MILLISECONDS = 20_000;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends well-formed HTTP over connections that stay open. */
export class Caller {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error where the connection ends, or nothing comes, before the answer is complete */
  send({ method, path, headers, body }: Omit<FuzzedRequest, "verdict">): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port: this.#port,
        agent: this.#agent,
        method,
        path,
        headers: { ...headers, "content-length": body.length },
        timeout: PATIENCE_MILLISECONDS,
      };
      const sent = httpRequest(options, (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        text(response).then((read) => resolve({ status, headers: answered, body: read }), reject);
      });
      sent.once("timeout", () => sent.destroy(new Error("the request hangs")));
      sent.once("error", reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Sends bytes, says no more, and waits until the other side closes. Resolves with what it said. */
export function sendBytes(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    let answer = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk));
    socket.setTimeout(PATIENCE_MILLISECONDS, () => {
      socket.destroy();
      reject(new Error("the connection hangs"));
    });
    // A reset is an answer too: what had been sent was refused.
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}
