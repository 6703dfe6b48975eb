import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startPaymentProvider } from "../../../functions/payments/stand-in.ts";
import { AwsError } from "#lib/laptop/shared/aws-error.ts";
import { sendError } from "#lib/laptop/gateway/http.ts";
import { Mailbox } from "#lib/laptop/services/ses/ses.ts";

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
export async function startMail(): Promise<StandIn> {
  const mailbox = new Mailbox();
  const server = createServer((request, response) => {
    mailbox.handle(request, response).catch((error: unknown) => {
      sendError(request, response, error instanceof AwsError ? error : new AwsError("InternalFailure", String(error), 500));
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port, so it has one
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
