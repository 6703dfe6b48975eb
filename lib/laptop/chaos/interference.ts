import { setTimeout as pause } from "node:timers/promises";
import type { Call } from "../services/call.ts";
import type { Service } from "../services/service.ts";
import type { AwsError } from "../shared/aws-error.ts";
import type { ActiveRule, Chaos } from "./chaos.ts";
import { subjectOf } from "./subject.ts";

const THROTTLED = "Rate exceeded, as a rule of chaos asks (fanfare chaos list).";
const CONFLICTED = "Transaction is ongoing for the item, as a rule of chaos asks (fanfare chaos list).";

/** Lets rules of chaos loose on calls. */
export class Interference {
  readonly #chaos: Chaos;

  constructor(chaos: Chaos) {
    this.#chaos = chaos;
  }

  /** Whether there is any rule. */
  get active(): boolean {
    return this.#chaos.active;
  }

  /**
   * Does what the rules ask before a call is carried out.
   *
   * @returns whether its answer is to be lost
   * @throws AwsError where the call is refused
   */
  async meet(call: Call, service: Service): Promise<boolean> {
    const rules = this.#chaos.pick(subjectOf(call, service));
    for (const rule of rules) if (rule.fault === "latency") await this.#holdUp(rule);
    for (const rule of rules) {
      const refusal = refusalBy(rule, call, service);
      if (refusal === undefined) continue;
      this.#chaos.fired(rule);
      throw refusal;
    }
    for (const rule of rules) {
      if (rule.fault !== "duplicate" || !service.mayRepeat?.(call)) continue;
      this.#chaos.fired(rule);
      // What comes of the copy is nobody's concern.
      await Promise.try(() => service.handle(call)).catch(() => {});
    }
    const losing = rules.filter(({ fault }) => fault === "lost-answer");
    for (const rule of losing) this.#chaos.fired(rule);
    return losing.length > 0;
  }

  async #holdUp(rule: ActiveRule): Promise<void> {
    this.#chaos.fired(rule);
    await pause(rule.milliseconds);
  }
}

function refusalBy({ fault }: ActiveRule, call: Call, service: Service): AwsError | undefined {
  if (fault === "throttle") return service.throttled(THROTTLED);
  return fault === "conflict" ? service.conflicted?.(call, CONFLICTED) : undefined;
}
