/**
 * Which services get which types: the oracle that deliveries are held against. Written by hand after docs/events.md, so that it
 * shares nothing with what makes the filter policies.
 */
export const ROUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ["order.placed.v1", ["orders", "inventory", "ledger"]],
  ["order.cancelled.v1", ["orders", "inventory", "payments", "notifications", "ledger"]],
  ["order.rejected.v1", ["inventory", "notifications", "ledger"]],
  ["order.confirmed.v1", ["notifications", "ledger"]],
  ["stock.reserved.v1", ["payments", "ledger"]],
  ["stock.rejected.v1", ["orders", "ledger"]],
  ["stock.released.v1", ["ledger"]],
  ["payment.captured.v1", ["orders", "ledger"]],
  ["payment.declined.v1", ["orders", "ledger"]],
  ["payment.refunded.v1", ["ledger"]],
  ["email.sent.v1", ["ledger"]],
  ["email.failed.v1", ["ledger"]],
  ["probe.sent.v1", ["tally"]],
  ["probe.sent.v2", ["tally"]],
  ["probe.counted.v1", ["audit"]],
  ["probe.counted.v2", ["audit"]],
  ["gauge.read.v1", ["gauge"]],
  ["bulk.sent.v1", ["bulk"]],
  ["bulk.kept.v1", ["bulk"]],
  ["step.taken.v1", ["sequence"]],
  ["step.noted.v1", ["follower"]],
]);
