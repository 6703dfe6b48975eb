/**
 * A laptop cloud in a process of its own, for a test run: `embedded-process.ts <assembly>`, forked. It says its endpoint over the
 * channel when it is ready, and ends with the channel.
 */
import { standInSettings, startPaymentProvider } from "../../../functions/payments/stand-in.ts";
import { startCloud } from "#lib/laptop/index.ts";

const [assembly = ""] = process.argv.slice(2);
const provider = await startPaymentProvider();
const cloud = await startCloud({
  assembly,
  port: 0,
  ...standInSettings(provider.url),
});
process.once("disconnect", () => {
  void cloud.stop().then(() => provider.stop());
});
process.send?.(cloud.endpoint);
