import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Answer } from "../../../call.ts";
import type { AnswerCall } from "../../../context.ts";
import { wireRequest } from "../../../wire-request.ts";
import type { FromFunction, LinkAnswer, LinkCall } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** The gateway's end of the link of one execution environment. */
export class GatewayLink {
  /** What the function's thread is given. */
  readonly functionEnd: MessagePort;
  readonly #port: MessagePort;
  readonly #outbox: Outbox<LinkAnswer>;
  readonly #answer: AnswerCall;
  /** Ends of calls that something waits on, by the call's id. */
  readonly #hangUps = new Map<number, AbortController>();
  #closed = false;

  constructor(answer: AnswerCall) {
    const { port1, port2 } = new MessageChannel();
    this.#answer = answer;
    this.#port = port1;
    this.#outbox = new Outbox(port1);
    this.functionEnd = port2;
    port1.on("message", (messages: readonly FromFunction[]) => {
      for (const message of messages) {
        if ("abort" in message) this.#hangUps.get(message.abort)?.abort();
        else void this.#take(message);
      }
    });
    port1.unref();
  }

  /** The function's thread has ended, and with it every call that waits. */
  close(): void {
    this.#closed = true;
    for (const hangUp of this.#hangUps.values()) hangUp.abort();
    this.#port.close();
  }

  async #take({ id, method, url, headers, body }: LinkCall): Promise<void> {
    const request = wireRequest(method, url, headers, bufferOf(body));
    const answer = await this.#answer(request, () => this.#hangUpOf(id));
    this.#hangUps.delete(id);
    if (!this.#closed) this.#outbox.post(answer ? messageOf(id, answer) : { id });
  }

  #hangUpOf(id: number): AbortSignal {
    const known = this.#hangUps.get(id) ?? new AbortController();
    this.#hangUps.set(id, known);
    return known.signal;
  }
}

function bufferOf(body: string | Uint8Array): Buffer {
  return typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function messageOf(id: number, { status, headers, body }: Answer): LinkAnswer {
  if (typeof body === "string") return { id, status, headers, body };
  const isText = /json|xml/.test(String(headers["content-type"] ?? ""));
  // A view of a larger buffer would be sent with all of that buffer.
  return { id, status, headers, body: isText ? body.toString() : Uint8Array.from(body) };
}
