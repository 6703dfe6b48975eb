import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as v from "valibot";

const capture = v.object({ orderId: v.string(), amount: v.number(), currency: v.string() });
const refund = v.object({ orderId: v.string() });
const everyNth = v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1)));

/** How the stand-in behaves. Each rule can be changed while it runs (`POST /behaviour`); null removes it. */
const behaviour = v.partial(
  v.object({
    /** Declines captures above this amount, in minor units. */
    declineAbove: v.nullable(v.number()),
    /** Answers HTTP 503 to the first call under every n-th idempotency key. */
    failEvery: everyNth,
    /** Does the work for every n-th idempotency key, but hangs up on its first call without an answer. */
    hangUpEvery: everyNth,
    /** Waits before every answer; if longer than the service waits, the call times out. */
    delayMilliseconds: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  }),
);

/** A payment in the stand-in's books. */
const payment = v.object({
  paymentId: v.string(),
  orderId: v.string(),
  amount: v.number(),
  currency: v.string(),
  refunded: v.boolean(),
});

/** The answer to an idempotency key, the same from the first call on. */
const answer = v.object({ status: v.number(), body: v.record(v.string(), v.unknown()) });

const books = v.object({ payments: v.array(payment), answers: v.array(v.tuple([v.string(), answer])) });

export type ProviderBehaviour = v.InferOutput<typeof behaviour>;
export type StandInPayment = v.InferOutput<typeof payment>;
type Answer = v.InferOutput<typeof answer>;

/** A running stand-in. */
export interface PaymentProviderStandIn {
  readonly url: string;
  /** The provider's books, to check the service's against: two payments for one order would be a double charge. */
  readonly payments: readonly StandInPayment[];
  behave(change: ProviderBehaviour): void;
  stop(): Promise<void>;
}

/** The API key that the stand-in asks for. It guards nothing: the stand-in listens only on loopback. */
const API_KEY = "sk_stand_in";

/** What the payments service of stage dev needs in order to charge at a stand-in: SSM parameters by name. */
export function standInSettings(url: string) {
  const parameter = (name: string) => `/fanfare/dev/payments/${name}`;
  return {
    parameters: { [parameter("PAYMENT_PROVIDER_URL")]: url },
    secrets: { [parameter("PAYMENT_API_KEY")]: API_KEY },
  };
}

/** Reads the books of a stand-in in another process. */
export async function readBooks(url: string): Promise<StandInPayment[]> {
  const response = await fetch(`${url}/payments`);
  return v.parse(v.array(payment), await response.json());
}

/** Longest request body, in bytes. */
const BODY_BYTES = 64 * 1024;

/**
 * A payment provider for the laptop and for tests: it asks for an API key and honours idempotency keys like a real one, and declines, fails, hangs up
 * and stalls on demand. Listens only on loopback.
 *
 * @param options.port @default 0, for any free one
 * @param options.file keeps the books across restarts @default - in memory
 */
export async function startPaymentProvider(
  options: { port?: number; file?: string; behaviour?: ProviderBehaviour } = {},
): Promise<PaymentProviderStandIn> {
  const provider = new Provider(options.behaviour ?? {}, options.file);
  const server = createServer((request, response) => {
    serve(provider, request, response).catch((error: unknown) => {
      reply(response, { status: 400, body: { reason: error instanceof Error ? error.message : "not readable" } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : address;
  return {
    url: `http://127.0.0.1:${port}`,
    payments: provider.payments,
    behave: (change) => void Object.assign(provider.rules, change),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The books, and the rules for answering calls. */
class Provider {
  readonly rules: ProviderBehaviour;
  readonly payments: StandInPayment[] = [];
  readonly #answers: Map<string, Answer>;
  readonly #places = new Map<string, number>();
  readonly #file: string | undefined;

  constructor(rules: ProviderBehaviour, file: string | undefined) {
    this.rules = { ...rules };
    this.#file = file;
    const kept = file && existsSync(file) ? v.parse(books, JSON.parse(readFileSync(file, "utf8"))) : undefined;
    this.payments.push(...(kept?.payments ?? []));
    this.#answers = new Map(kept?.answers);
  }

  /** The answer to a call; "hang up" when the work is done but the caller must not learn of it. */
  call(path: string, key: string, content: unknown): Answer | "hang up" {
    const first = !this.#places.has(key);
    if (first) this.#places.set(key, this.#places.size + 1);
    const isNth = (every: number | null | undefined) => first && typeof every === "number" && this.#places.size % every === 0;
    if (isNth(this.rules.failEvery)) return { status: 503, body: { reason: "out of order, on demand" } };
    let known = this.#answers.get(key);
    if (!known) {
      known = path === "/captures" ? this.#capture(content) : this.#refund(content);
      this.#answers.set(key, known);
      if (this.#file) writeFileSync(this.#file, JSON.stringify({ payments: this.payments, answers: [...this.#answers] }));
    }
    return isNth(this.rules.hangUpEvery) ? "hang up" : known;
  }

  #capture(content: unknown): Answer {
    const { orderId, amount, currency } = v.parse(capture, content);
    const { declineAbove } = this.rules;
    if (typeof declineAbove === "number" && amount > declineAbove) {
      return { status: 402, body: { reason: "over the card's limit" } };
    }
    const paymentId = `pay_${this.payments.length + 1}_${orderId}`;
    this.payments.push({ paymentId, orderId, amount, currency, refunded: false });
    return { status: 201, body: { paymentId } };
  }

  #refund(content: unknown): Answer {
    const { orderId } = v.parse(refund, content);
    const captured = this.payments.find((known) => known.orderId === orderId && !known.refunded);
    if (!captured) return { status: 404, body: { reason: "nothing to refund" } };
    captured.refunded = true;
    const { paymentId, amount, currency } = captured;
    return { status: 201, body: { paymentId, amount, currency } };
  }
}

async function serve(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url: path = "", headers } = request;
  const key = headers["idempotency-key"];
  if (method === "GET" && path === "/payments") return reply(response, { status: 200, body: provider.payments });
  const content: unknown = JSON.parse(await readBody(request));
  if (path === "/behaviour") {
    Object.assign(provider.rules, v.parse(behaviour, content));
    return reply(response, { status: 200, body: provider.rules });
  }
  if ((path !== "/captures" && path !== "/refunds") || typeof key !== "string") {
    return reply(response, { status: 400, body: { reason: "expected POST /captures or /refunds with an Idempotency-Key" } });
  }
  if (headers.authorization !== `Bearer ${API_KEY}`)
    return reply(response, { status: 401, body: { reason: "unknown API key" } });
  const result = provider.call(path, key, content);
  if (result === "hang up") return void response.destroy();
  setTimeout(() => reply(response, result), provider.rules.delayMilliseconds ?? 0).unref();
}

function reply(response: ServerResponse, { status, body }: { status: number; body: object }): void {
  if (response.writableEnded || response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_BYTES) throw new Error(`the body has over ${BODY_BYTES} bytes`);
  }
  return text;
}
