import { EventEmitter } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { Readable } from "node:stream";
import type { FromFunction, LinkAnswer, LinkCall } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** Takes the answer to a call. */
export type OnAnswer = (answer: LinkAnswer) => void;

/** The function's end of its link to the gateway. */
export class Link {
  readonly #port: MessagePort;
  readonly #outbox: Outbox<FromFunction>;
  readonly #waiting = new Map<number, OnAnswer>();
  #last = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#outbox = new Outbox(port);
    port.on("message", (answers: readonly LinkAnswer[]) => {
      for (const answer of answers) {
        const onAnswer = this.#waiting.get(answer.id);
        this.#forget(answer.id);
        onAnswer?.(answer);
      }
    });
    port.unref();
  }

  /** Sends a call. @returns what gives it up */
  call(call: Omit<LinkCall, "id">, onAnswer: OnAnswer): () => void {
    const id = (this.#last += 1);
    this.#waiting.set(id, onAnswer);
    // A call that waits for its answer keeps the event loop going, as a socket would.
    if (this.#waiting.size === 1) this.#port.ref();
    this.#outbox.post({ id, ...call });
    return () => {
      if (!this.#waiting.has(id)) return;
      this.#forget(id);
      this.#outbox.post({ abort: id });
    };
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#port.unref();
  }
}

/** What clients ask of a request's socket. Nothing is to be connected; what it times is the wait for the answer. */
export class LinkSocket extends EventEmitter {
  readonly connecting = false;
  #timer: NodeJS.Timeout | undefined;

  /** Emits `timeout` after some milliseconds without an answer; 0 ends that. */
  setTimeout(milliseconds: number, onTimeout?: () => void): this {
    clearTimeout(this.#timer);
    if (onTimeout) this.once("timeout", onTimeout);
    if (milliseconds > 0) this.#timer = setTimeout(() => this.emit("timeout"), milliseconds).unref();
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  destroy(): this {
    return this;
  }
}

/** The answer as a client of Node's `http` reads it. */
export class LinkResponse extends Readable {
  readonly statusCode: number;
  readonly statusMessage = "";
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly httpVersion = "1.1";
  readonly socket: LinkSocket;
  readonly complete = true;

  constructor({ status = 0, headers = {}, body = "" }: LinkAnswer, socket: LinkSocket) {
    super();
    this.socket = socket;
    this.statusCode = status;
    this.headers = headers;
    if (body.length > 0) this.push(body);
    this.push(null);
  }

  override _read(): void {}
}
