import { connect, type Socket } from "node:net";
import { type EngineAddress, urlOf } from "./address.ts";
import { CALL_HEADERS, CONNECTIONS, unreachable, type DynamoDbTransport, type UpstreamAnswer } from "./transport.ts";

/*
 * Every function's every transaction passes here, on the one thread that also runs topics and queues. To our own engine,
 * which answers each call with a Content-Length, a few lines of HTTP on a socket cost that thread less than half of what
 * Node's client does: see docs/decisions/sockets-to-the-engine.md.
 */

const HEAD_END = Buffer.from("\r\n\r\n");

/** To the engine that the cloud has started itself, over connections that stay open. */
export class EngineTransport implements DynamoDbTransport {
  readonly isDynoxide = true;
  readonly #address: EngineAddress;
  readonly #head: string;
  readonly #idle: EngineConnection[] = [];
  readonly #all = new Set<EngineConnection>();
  /** Calls that wait for a connection. */
  readonly #waiting: ((connection: EngineConnection) => void)[] = [];

  constructor(address: EngineAddress) {
    this.#address = address;
    const headers = Object.entries(CALL_HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#head = `POST / HTTP/1.1\r\nhost: ${new URL(urlOf(address)).host}\r\n${headers.join("")}`;
  }

  async send(target: string, body: Buffer | string): Promise<UpstreamAnswer> {
    const connection = this.#idle.pop() ?? (await this.#open());
    try {
      const head = `${this.#head}x-amz-target: ${target}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
      return await connection.call(head, body);
    } finally {
      this.#release(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #open(): EngineConnection | Promise<EngineConnection> {
    if (this.#all.size >= CONNECTIONS) return new Promise((resolve) => this.#waiting.push(resolve));
    return this.#connect();
  }

  #connect(): EngineConnection {
    const connection = new EngineConnection(this.#address, () => this.#forget(connection));
    this.#all.add(connection);
    return connection;
  }

  #release(connection: EngineConnection): void {
    if (!connection.usable) return;
    const next = this.#waiting.shift();
    if (next) next(connection);
    else this.#idle.push(connection);
  }

  #forget(connection: EngineConnection): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    const next = this.#waiting.shift();
    if (next) next(this.#connect());
  }
}

interface Pending {
  resolve(answer: UpstreamAnswer): void;
  reject(error: Error): void;
}

/** One connection: one call at a time. */
class EngineConnection {
  readonly #socket: Socket;
  #pending: Pending | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes of the whole answer, once its head has been read. */
  #expected: number | undefined;
  usable = true;

  constructor({ host, port }: EngineAddress, onClose: () => void) {
    this.#socket = connect({ host, port, noDelay: true });
    let reason = "it closed the connection";
    this.#socket.on("data", (chunk) => this.#read(chunk));
    this.#socket.on("error", (error) => (reason = error.message));
    this.#socket.on("close", () => {
      this.usable = false;
      this.#pending?.reject(unreachable(reason));
      onClose();
    });
  }

  call(head: string, body: Buffer | string): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      if (typeof body === "string") {
        this.#socket.write(head + body);
        return;
      }
      this.#socket.cork();
      this.#socket.write(head);
      this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#expected === undefined) this.#chunks = [Buffer.concat(this.#chunks)];
    const [first] = this.#chunks;
    this.#expected ??= first && lengthOf(first);
    if (this.#expected !== undefined && this.#received >= this.#expected) this.#finish();
  }

  #finish(): void {
    const pending = this.#pending;
    const whole = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#pending = undefined;
    this.#chunks = [];
    this.#received = 0;
    this.#expected = undefined;
    pending?.resolve(parse(whole));
  }
}

/** Bytes of an answer, head and body; undefined while its head is incomplete. */
function lengthOf(received: Buffer): number | undefined {
  const end = received.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(received.toString("latin1", 0, end))?.[1];
  return end + HEAD_END.length + Number(length ?? 0);
}

function parse(answer: Buffer): UpstreamAnswer {
  const end = answer.indexOf(HEAD_END);
  const head = answer.toString("latin1", 0, end);
  return {
    // `HTTP/1.1 200 OK`
    status: Number(head.slice(9, 12)),
    requestId: /x-amzn-requestid: (\S+)/i.exec(head)?.[1] ?? "",
    body: answer.subarray(end + HEAD_END.length),
  };
}
