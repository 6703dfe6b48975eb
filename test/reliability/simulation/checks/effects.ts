import type { Change, Table } from "../cloud/dynamodb.ts";
import { type Item, numberIn, textIn } from "../cloud/items.ts";
import type { Report } from "./report.ts";

/** By how much a lease's holder may be ahead of whoever takes it over, in milliseconds: see the environments' clocks. */
const CLOCK_MILLISECONDS = 2_000;

/** Outside effects: each run under a lease of its own, and none once it is recorded. */
export class OutsideEffects {
  readonly #report: Report;
  readonly #tableOf: (service: string) => Table;
  readonly #owners = new Map<string, Set<string>>();

  constructor(report: Report, tableOf: (service: string) => Table) {
    this.#report = report;
    this.#tableOf = tableOf;
  }

  /** A service begins an effect under an idempotency key: `<service>:<effect's key>`. */
  started(service: string, idempotencyKey: string): void {
    const lease = this.#leaseOf(service, idempotencyKey);
    if (!lease) return this.#report("an effect runs under a lease", `${idempotencyKey} has none`);
    if (lease["result"]) {
      this.#report("a recorded effect is not repeated", `${idempotencyKey} was recorded as ${textIn(lease, "result")}`);
    }
    const owner = textIn(lease, "owner");
    let owners = this.#owners.get(idempotencyKey);
    if (!owners) this.#owners.set(idempotencyKey, (owners = new Set()));
    if (owners.has(owner)) this.#report("a lease is for one execution", `${idempotencyKey} was begun twice under ${owner}`);
    owners.add(owner);
  }

  /** Items of one service have changed. @param now epoch milliseconds */
  committed(changes: readonly Change[], now: number): void {
    for (const { key, before, after } of changes) {
      if (!key.startsWith("effect#") || !before || !after || before["result"]) continue;
      const taken = textIn(before, "owner") !== textIn(after, "owner");
      if (taken && now < numberIn(before, "leasedUntil") - CLOCK_MILLISECONDS) {
        this.#report("a lease is not taken from whoever holds it", `${key} at ${now}`);
      }
    }
  }

  /** The lease of the effect's key, or of a key that this one goes on from: `payments:payment:1001:called-off`. */
  #leaseOf(service: string, idempotencyKey: string): Item | undefined {
    const { items } = this.#tableOf(service);
    for (let key = idempotencyKey.replace(":", "#"); key.includes(":"); key = key.slice(0, key.lastIndexOf(":"))) {
      const lease = items.get(`effect#${key}|-`);
      if (lease) return lease;
    }
    return undefined;
  }
}
