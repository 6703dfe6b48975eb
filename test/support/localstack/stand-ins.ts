import { startPaymentProvider } from "../../../functions/payments/stand-in.ts";
import { startMailServer } from "#lib/laptop/index.ts";

/** A server on a loopback port that the functions call besides LocalStack. */
export interface StandIn {
  readonly port: number;
  stop(): Promise<void>;
}

/** Plays the payment provider, as `npm start` does. */
export async function startPayments(): Promise<StandIn> {
  const provider = await startPaymentProvider();
  return { port: Number(new URL(provider.url).port), stop: () => provider.stop() };
}

/** Plays SES v2, which LocalStack 4.14.0 does not have: the laptop cloud's mailbox. */
export function startMail(): Promise<StandIn> {
  return startMailServer();
}
