import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AwsError } from "../shared/aws-error.ts";
import { CloudError } from "../shared/errors.ts";
import type { Calls } from "./calls.ts";
import { readRequest } from "./read-request.ts";
import { refusalAnswer, refusalFor, send } from "./send.ts";
import { refuseStrangers } from "./strangers.ts";

/** No API takes a longer body, in bytes: 16 MB are DynamoDB's BatchWriteItem. Most services take far less. */
const BODY_LIMIT = 16 * 1_024 * 1_024;

/** What the cloud says about itself stands below this path, which no API has. */
const PAGES = "/_fanfare/";

/** A page of the cloud's own. @throws AwsError */
export type Pages = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** The one address of the cloud. */
export class Gateway {
  readonly port: number;
  readonly #server: Server;
  #calls: Calls | undefined;
  #pages: Pages = () => {};

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  /** Listens on loopback alone; port 0 takes any. @throws CloudError where the port is in use. */
  static async listen(port: number): Promise<Gateway> {
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new CloudError(`Port ${port} does not exist: expected 0 to 65535, where 0 takes any that is free.`);
    const server = createServer({ keepAliveTimeout: 30_000, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(port, error)));
      server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address();
    return new Gateway(server, typeof address === "object" && address ? address.port : port);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Opens the gateway. Until then it answers every call with ServiceUnavailable. */
  open(calls: Calls, pages: Pages): void {
    this.#calls = calls;
    this.#pages = pages;
  }

  /** Stops listening and drops the connections that are left. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseStrangers(request);
      if (!this.#calls) throw new AwsError("ServiceUnavailable", "The laptop cloud is starting.", 503);
      if (request.url?.startsWith(PAGES)) return await this.#pages(request, response);
      const read = (onStall: () => void) => readRequest(request, BODY_LIMIT, onStall);
      const answer = await this.#calls.answer(read, () => hangUpOf(response));
      if (answer) send(response, answer);
      else response.destroy();
    } catch (thrown) {
      request.resume();
      send(response, refusalAnswer(refusalFor(thrown), request.headers));
    }
  }
}

/** Aborts when the caller hangs up before the answer. */
function hangUpOf(response: ServerResponse): AbortSignal {
  const hangUp = new AbortController();
  if (response.destroyed) hangUp.abort();
  const abort = (): void => hangUp.abort();
  const { socket } = response;
  // The response closes some turns of the event loop after the caller's end has come.
  socket?.once("end", abort);
  response.once("close", () => {
    socket?.off("end", abort);
    abort();
  });
  return hangUp.signal;
}

function cannotListen(port: number, error: NodeJS.ErrnoException): CloudError {
  const reason = error.code === "EADDRINUSE" ? "is in use" : `cannot be opened (${error.code ?? error.message})`;
  return new CloudError(`Port ${port} ${reason}. Stop what listens there, or choose another with --port <number>.`);
}
