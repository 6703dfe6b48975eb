/**
 * The laptop cloud in its own process, forked with `--expose-gc`: `backlog-process.ts <assembly>`. It sends its endpoint when it is
 * ready, answers each message once it has collected its garbage, and ends with the channel.
 */
import { startCloud } from "#lib/laptop/index.ts";

const [assembly = ""] = process.argv.slice(2);
// IAM is off: the topic needs no queue policies, and memory is what is measured.
const cloud = await startCloud({ assembly, port: 0, iam: "off" });
process.on("message", () => {
  globalThis.gc?.();
  process.send?.("collected");
});
process.once("disconnect", () => void cloud.stop());
process.send?.(cloud.endpoint);
