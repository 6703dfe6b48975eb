import { expect, onTestFinished, test } from "vitest";
import { PaymentProvider } from "../../../functions/payments/provider.ts";
import { standInSettings, startPaymentProvider } from "../../../functions/payments/stand-in.ts";

test("an API key that the provider refuses is given up, and the next attempt charges with the new one", async () => {
  const standIn = await startPaymentProvider();
  onTestFinished(() => standIn.stop());
  const [valid = ""] = Object.values(standInSettings(standIn.url).secrets);
  let key = "expired";
  const provider = new PaymentProvider(standIn.url, {
    read: async () => key,
    refused(value) {
      if (value === key) key = valid;
    },
  });
  const capture = () =>
    provider.capture({ orderId: "1", amount: 500, currency: "GBP" }, "capture:1", AbortSignal.timeout(5_000));

  await expect(capture()).rejects.toMatchObject({
    name: "RetryLaterError",
    message: "the payment provider refused our API key",
  });
  expect(standIn.payments).toEqual([]);
  expect(await capture()).toMatchObject({ status: "captured" });
});
