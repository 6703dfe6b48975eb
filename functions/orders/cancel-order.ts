/**
 * Cancels an order from the command line: `node functions/orders/cancel-order.ts 1001 "ordered twice"`. Run it again when it failed, or when
 * nobody knows: it cancels once. STAGE names the stage (dev by default); with AWS_ENDPOINT_URL it reaches a laptop cloud.
 */
import { parseArgs } from "node:util";
import { requests } from "#lib/runtime/index.ts";
import { cancel } from "./cancel.ts";
import service from "./service.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const [orderId, reason] = positionals;
if (!orderId || !reason || positionals.length > 2) {
  console.error('expected an order and a reason: node functions/orders/cancel-order.ts 1001 "ordered twice"');
  process.exit(1);
}
// Here a person reads what is written, and no log.
process.env["LOG_LEVEL"] ??= "ERROR";
const stage = process.env["STAGE"] ?? "dev";
const { once } = requests(service, { config: { table: `fanfare-${stage}-orders`, inboxDays: 32 } });
try {
  const { answer, repeated } = await once({ key: `cancel:${orderId}`, input: { orderId } }, (unit) =>
    cancel(orderId, reason, unit),
  );
  console.log(repeated || !answer.changed ? `order ${orderId} is ${answer.status} already` : `order ${orderId} is cancelled`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
