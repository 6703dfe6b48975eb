import { type ProviderBehaviour, readBooks, type StandInPayment } from "../../functions/payments/stand-in.ts";
import type { DeployedApp } from "../support/target/deployed-app.ts";

/** The stand-in that the stage's payments service charges at, as a test reaches it: over HTTP. */
export interface ReachedProvider {
  /** What is in the provider's own books for an order: two would be a doubled charge. */
  payments(orderId: string): Promise<StandInPayment[]>;
  behave(change: ProviderBehaviour): Promise<void>;
}

/**
 * Finds the stand-in for a payment provider behind the stage's setting. Where a real provider, or none, is behind it, says so:
 * nobody wants its tests to charge cards.
 */
export async function findStandIn(app: DeployedApp): Promise<ReachedProvider | undefined> {
  const url = await app.parameter("payments/PAYMENT_PROVIDER_URL");
  try {
    await readBooks(url);
  } catch {
    console.warn(`the tests of charges are skipped: at ${url} answers no stand-in for a payment provider`);
    return undefined;
  }
  return {
    payments: async (orderId) => (await readBooks(url)).filter((payment) => payment.orderId === orderId),
    async behave(change) {
      const response = await fetch(`${url}/behaviour`, { method: "POST", body: JSON.stringify(change) });
      if (!response.ok) throw new Error(`the stand-in answered HTTP ${response.status}: ${await response.text()}`);
    },
  };
}
