import type { Environment } from "./environment.ts";
import { AwsError } from "./errors.ts";
import type { World } from "../world.ts";

/** A payment that the provider has taken. */
export interface TakenPayment {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  refunded: boolean;
}

/** An answer over HTTP. */
interface Answer {
  readonly status: number;
  readonly body: object;
}

/** Amounts above this are declined. */
export const CARD_LIMIT = 5_000;

/** Everything outside of AWS and of the services' tables: the payment provider, the mail, and a counter of effects. */
export class Outside {
  readonly payments: TakenPayment[] = [];
  /** Messages sent, by the subject and address. */
  readonly mails = new Map<string, number>();
  readonly #answers = new Map<string, Answer>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Answers a call under an idempotency key: the first answer again, when the key is known. */
  call(path: string, key: string, content: Readonly<Record<string, unknown>>): Answer {
    if (this.#world.faults.happens("provider.down")) return { status: 503, body: {} };
    let known = this.#answers.get(key);
    if (!known) {
      known = this.#carryOut(path, content);
      this.#answers.set(key, known);
    }
    return known;
  }

  #carryOut(path: string, { orderId, amount, currency }: Readonly<Record<string, unknown>>): Answer {
    if (path === "/effects") return { status: 201, body: { done: true } };
    if (path === "/captures") {
      if (Number(amount) > CARD_LIMIT) return { status: 402, body: { reason: "over the card's limit" } };
      const paymentId = `pay_${this.payments.length + 1}`;
      this.payments.push({
        paymentId,
        orderId: String(orderId),
        amount: Number(amount),
        currency: String(currency),
        refunded: false,
      });
      return { status: 201, body: { paymentId } };
    }
    const taken = this.payments.find((payment) => payment.orderId === orderId && !payment.refunded);
    if (!taken) return { status: 404, body: {} };
    taken.refunded = true;
    const { paymentId, amount: back, currency: kind } = taken;
    return { status: 201, body: { paymentId, amount: back, currency: kind } };
  }
}

/** SSM's answer to whoever reads a secret, at once: environments that share their code share what they wait for, too. */
const SECRET: Answer = { status: 200, body: { Parameter: { Value: "a secret" } } };

/** What stands in for `fetch`: a call to the outside, with latency, lost answers and crashes around it. */
export function fetchOutside(environment: Environment, url: string, init: RequestInit): Promise<unknown> {
  const { world } = environment;
  const { faults, scheduler, random, checks, outside } = world;
  if (new Headers(init.headers).get("x-amz-target") === "AmazonSSM.GetParameter") {
    return Promise.resolve({ status: SECRET.status, json: () => Promise.resolve(SECRET.body), body: null });
  }
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  if (environment.dead) return promise;
  if (faults.happens("lambda.crash-before-call")) {
    environment.crash();
    return promise;
  }
  init.signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  const key = new Headers(init.headers).get("idempotency-key") ?? "";
  checks.effectStarted(environment.service, key);
  scheduler.after(random.between(5, 60), () => {
    const { status, body } = outside.call(new URL(url).pathname, key, parseContent(init.body));
    world.trace(`${environment.name} fetch ${url} ${key} ${status}`);
    if (faults.happens("lambda.crash-after-call")) return environment.crash();
    const stalled = faults.happens("lambda.stalled") ? faults.between("lambda.stalled", 0, 40_000) : 0;
    scheduler.after(random.between(5, 60) + stalled, () =>
      environment.resume(() => {
        const lost = faults.happens("provider.answer-lost");
        if (environment.invocation && stalled > 0) environment.invocation.stalled = true;
        if (environment.invocation && (lost || status === 503 || stalled > 0)) environment.invocation.troubles++;
        if (lost) reject(new Error("the connection broke"));
        else resolve({ status, json: () => Promise.resolve(body), body: null });
      }),
    );
  });
  return promise;
}

/** Carries out SES's SendEmail. @throws AwsError as SES answers it */
export function sendEmail({ world }: Environment, input: unknown): unknown {
  const { faults, outside } = world;
  if (faults.happens("email.failed")) throw new AwsError("TooManyRequestsException", "slow down", true);
  if (faults.happens("email.refused")) throw new AwsError("MessageRejected", "the address is on the suppression list");
  const text = JSON.stringify(input);
  outside.mails.set(text, (outside.mails.get(text) ?? 0) + 1);
  return { MessageId: `mail-${outside.mails.size}` };
}

function parseContent(body: RequestInit["body"]): Record<string, unknown> {
  const content: unknown = typeof body === "string" ? JSON.parse(body) : {};
  return typeof content === "object" && content !== null ? { ...content } : {};
}
