import { isUtf8 } from "node:buffer";
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
  /** Of each call that is not answered, by its id: what tells that it was given up, where something waits on that. */
  readonly #calls = new Map<number, AbortController | "unheard" | "given up">();
  #closed = false;

  constructor(answer: AnswerCall) {
    const { port1, port2 } = new MessageChannel();
    this.#answer = answer;
    this.#port = port1;
    this.#outbox = new Outbox(port1);
    this.functionEnd = port2;
    port1.on("message", (messages: readonly FromFunction[]) => {
      for (const message of messages) {
        if ("abort" in message) this.#giveUp(message.abort);
        else void this.#take(message);
      }
    });
    port1.unref();
  }

  /** The function's thread has ended, and with it every call that waits. */
  close(): void {
    this.#closed = true;
    for (const id of this.#calls.keys()) this.#giveUp(id);
    this.#port.close();
  }

  async #take({ id, method, url, headers, body }: LinkCall): Promise<void> {
    const request = wireRequest(method, url, headers, bufferOf(body));
    this.#calls.set(id, "unheard");
    const answer = await this.#answer(request, () => this.#hangUpOf(id));
    this.#calls.delete(id);
    if (!this.#closed) this.#outbox.post(answer ? messageOf(id, answer) : { id });
  }

  #giveUp(id: number): void {
    const call = this.#calls.get(id);
    if (call instanceof AbortController) call.abort();
    else if (call !== undefined) this.#calls.set(id, "given up");
  }

  /** A call may be given up before its service asks: chaos can hold it up. */
  #hangUpOf(id: number): AbortSignal {
    const call = this.#calls.get(id);
    if (call instanceof AbortController) return call.signal;
    if (call === "given up") return AbortSignal.abort();
    const hangUp = new AbortController();
    if (call !== undefined) this.#calls.set(id, hangUp);
    return hangUp.signal;
  }
}

function bufferOf(body: string | Uint8Array): Buffer {
  return typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function messageOf(id: number, { status, headers, body }: Answer): LinkAnswer {
  if (typeof body === "string") return { id, status, headers, body };
  // An object of S3 may be said to be JSON, and be compressed.
  const isText = /json|xml/.test(String(headers["content-type"] ?? "")) && isUtf8(body);
  // A view of a larger buffer would be sent with all of that buffer.
  return { id, status, headers, body: isText ? body.toString() : Uint8Array.from(body) };
}
