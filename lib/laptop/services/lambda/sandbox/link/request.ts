import { Writable } from "node:stream";
import { type Link, LinkResponse, LinkSocket } from "./link.ts";
import type { LinkAnswer } from "./messages.ts";

/** What `http.request` is given, as far as AWS clients give it. */
export interface RequestOptions {
  readonly method?: string | undefined;
  readonly path?: string | null | undefined;
  readonly host?: string | null | undefined;
  readonly hostname?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly headers?: unknown;
  readonly timeout?: number | undefined;
}

/** Stands in for `http.ClientRequest` on the way to the gateway: the same events, without a socket. */
export class LinkRequest extends Writable {
  readonly socket = new LinkSocket();
  readonly connection = this.socket;
  readonly reusedSocket = true;
  readonly method: string;
  readonly path: string;
  readonly protocol = "http:";
  aborted = false;
  readonly #link: Link;
  readonly #headers: Record<string, string>;
  readonly #chunks: (string | Uint8Array)[] = [];
  #giveUp = (): void => {};

  constructor(link: Link, { method = "GET", path, timeout }: RequestOptions, headers: Record<string, string>) {
    // A request lives until its answer has been read, not until its body has been sent.
    super({ decodeStrings: false, autoDestroy: false });
    this.#link = link;
    this.method = method;
    this.path = path ?? "/";
    this.#headers = headers;
    this.socket.on("timeout", () => this.emit("timeout"));
    if (timeout !== undefined) this.setTimeout(timeout);
    // The SDK holds a large body back until it hears this, or for six seconds.
    if (headers["expect"] === "100-continue") setImmediate(() => this.emit("continue"));
  }

  override _write(chunk: string | Uint8Array, encoding: BufferEncoding, written: () => void): void {
    this.#chunks.push(typeof chunk === "string" && encoding !== "utf8" ? Buffer.from(chunk, encoding) : chunk);
    written();
  }

  override _final(done: () => void): void {
    const call = { method: this.method, url: this.path, headers: this.#headers, body: joined(this.#chunks) };
    this.#giveUp = this.#link.call(call, (answer) => this.#take(answer));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.setTimeout(0);
    this.#giveUp();
    done(error);
  }

  /** Gives the request up: as with a socket, it ends in an error. */
  override destroy(error?: Error): this {
    this.aborted = true;
    return super.destroy(error ?? hungUp());
  }

  abort(): void {
    this.destroy();
  }

  setTimeout(milliseconds: number, onTimeout?: () => void): this {
    if (onTimeout) this.once("timeout", onTimeout);
    this.socket.setTimeout(milliseconds);
    return this;
  }

  getHeader(name: string): string | undefined {
    return this.#headers[name.toLowerCase()];
  }

  getHeaders(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  hasHeader(name: string): boolean {
    return name.toLowerCase() in this.#headers;
  }

  setHeader(name: string, value: unknown): this {
    this.#headers[name.toLowerCase()] = String(value);
    return this;
  }

  removeHeader(name: string): void {
    delete this.#headers[name.toLowerCase()];
  }

  flushHeaders(): void {}
  setNoDelay(): void {}
  setSocketKeepAlive(): void {}

  #take(answer: LinkAnswer): void {
    if (this.destroyed) return;
    if (answer.status === undefined) {
      this.destroy();
      return;
    }
    this.socket.setTimeout(0);
    const response = new LinkResponse(answer, this.socket);
    response.once("close", () => super.destroy());
    // Nobody reads an answer that nobody has asked for.
    if (!this.emit("response", response)) response.resume();
  }
}

function joined(chunks: readonly (string | Uint8Array)[]): string | Uint8Array {
  const [only = ""] = chunks;
  if (chunks.length > 1) return Uint8Array.from(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))));
  // A view of a larger buffer would be sent with all of that buffer.
  return typeof only === "string" ? only : Uint8Array.from(only);
}

/** What Node's client says of a connection that ends before the answer. */
function hungUp(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}
