import * as v from "valibot";
import { PermanentError, RetryLaterError, type Secret } from "#lib/runtime/index.ts";

const currency = v.picklist(["GBP", "EUR", "USD"]);
const captured = v.object({ paymentId: v.string() });
const declined = v.object({ reason: v.string() });
const refunded = v.object({ paymentId: v.string(), amount: v.number(), currency });

/** What is charged. The amount is in the currency's minor unit. */
export interface Charge {
  readonly orderId: string;
  readonly amount: number;
  readonly currency: v.InferOutput<typeof currency>;
}

export type CaptureResult =
  | { readonly status: "captured"; readonly paymentId: string }
  | { readonly status: "declined"; readonly reason: string };

export type RefundResult =
  | ({ readonly status: "refunded" } & v.InferOutput<typeof refunded>)
  | { readonly status: "nothing to refund" };

/** Timeout of a call, in milliseconds. */
const TIMEOUT_MILLISECONDS = 5_000;

/**
 * The payment provider, over HTTP. Every call carries an idempotency key: a repeated call with the same key gets the first one's
 * answer.
 */
export class PaymentProvider {
  readonly #url: string;
  readonly #apiKey: Secret;

  constructor(url: string, apiKey: Secret) {
    this.#url = url.replace(/\/$/, "");
    this.#apiKey = apiKey;
  }

  /** @throws RetryLaterError when the provider is unavailable, does not answer or refuses our key; PermanentError when it refuses the call. */
  async capture(charge: Charge, idempotencyKey: string, signal: AbortSignal): Promise<CaptureResult> {
    if (charge.amount === 0) return { status: "captured", paymentId: `free:${charge.orderId}` };
    const { status, body } = await this.#post("captures", charge, idempotencyKey, signal);
    return status === 402 ? { status: "declined", ...read(declined, body) } : { status: "captured", ...read(captured, body) };
  }

  /** @throws as {@link PaymentProvider.capture} does */
  async refund(orderId: string, idempotencyKey: string, signal: AbortSignal): Promise<RefundResult> {
    const { status, body } = await this.#post("refunds", { orderId }, idempotencyKey, signal);
    return status === 404 ? { status: "nothing to refund" } : { status: "refunded", ...read(refunded, body) };
  }

  async #post(
    path: string,
    content: object,
    idempotencyKey: string,
    signal: AbortSignal,
  ): Promise<{ status: number; body: unknown }> {
    const apiKey = await this.#apiKey.read();
    try {
      const response = await fetch(`${this.#url}/${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
          authorization: `Bearer ${apiKey}`,
        },
        body: JSON.stringify(content),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
      });
      const { status } = response;
      if (status === 201 || status === 402 || status === 404) return { status, body: await response.json() };
      await response.body?.cancel();
      if (status === 401) {
        this.#apiKey.refused(apiKey);
        throw new RetryLaterError("the payment provider refused our API key");
      }
      if (status < 500 && status !== 409 && status !== 429) {
        throw new PermanentError(`the payment provider refused the call: HTTP ${status}`);
      }
      throw new RetryLaterError(`the payment provider is unavailable: HTTP ${status}`);
    } catch (error) {
      if (error instanceof PermanentError || error instanceof RetryLaterError) throw error;
      throw new RetryLaterError("the payment provider did not answer", { cause: error });
    }
  }
}

function read<Output>(schema: v.GenericSchema<unknown, Output>, body: unknown): Output {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new PermanentError("the payment provider's answer breaks its contract");
  return result.output;
}
