import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { orderPlaced } from "#events";
import type { DataOf } from "#lib/contracts/index.ts";
import { TestCloud } from "#lib/testing/index.ts";
import { takeStock } from "../../bin/demo/stock-take.ts";
import { type PaymentProviderStandIn, startPaymentProvider } from "../../functions/payments/stand-in.ts";
import { ASSEMBLY } from "./assembly.ts";

/** The reference system in a test, with its payment provider and shelves that can be filled. */
export interface Shop extends AsyncDisposable {
  readonly cloud: TestCloud;
  readonly provider: PaymentProviderStandIn;
  fillShelves(skus: readonly string[], pieces: number): Promise<void>;
}

/** Opens a shop of its own for a test file. */
export async function openShop(): Promise<Shop> {
  const provider = await startPaymentProvider();
  const cloud = await TestCloud.start({
    assembly: ASSEMBLY,
    parameters: { "/fanfare/dev/payments/PAYMENT_PROVIDER_URL": provider.url },
  });
  const dynamodb = new DynamoDBClient({
    endpoint: cloud.cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  return {
    cloud,
    provider,
    fillShelves: (skus, pieces) => takeStock(dynamodb, "fanfare-dev-inventory", skus, pieces),
    async [Symbol.asyncDispose]() {
      await cloud.stop();
      await provider.stop();
    },
  };
}

/** An order of one piece each of some products, at a pound apiece. */
export function orderOf(orderId: string, skus: readonly string[], quantity = 1): DataOf<typeof orderPlaced> {
  return {
    orderId,
    customer: { id: "17850", email: "customer-17850@shop.example", country: "United Kingdom" },
    currency: "GBP",
    lines: skus.map((sku) => ({ sku, description: `product ${sku}`, quantity, unitPrice: 100 })),
    charges: [],
    total: skus.length * quantity * 100,
  };
}
