import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TestCloud } from "#lib/testing/index.ts";
import { takeStock } from "../../bin/demo/stock-take.ts";
import { type PaymentProviderStandIn, standInSettings, startPaymentProvider } from "../../functions/payments/stand-in.ts";
import { ASSEMBLY } from "./assembly.ts";

/** The reference system in a test, with its payment provider and shelves that can be filled. */
export interface Shop extends AsyncDisposable {
  readonly cloud: TestCloud;
  readonly provider: PaymentProviderStandIn;
  fillShelves(skus: readonly string[], pieces: number): Promise<void>;
}

/** Opens a shop of its own for a test file. @param options.dynamodb the endpoint of a DynamoDB to use */
export async function openShop(options: { readonly dynamodb?: string } = {}): Promise<Shop> {
  const provider = await startPaymentProvider();
  const cloud = await TestCloud.start({
    assembly: ASSEMBLY,
    ...standInSettings(provider.url),
    ...options,
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
