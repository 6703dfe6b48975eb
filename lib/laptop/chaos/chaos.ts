import { AwsError } from "../shared/aws-error.ts";
import type { Subject } from "./subject.ts";
import { type ChaosRule, describeRule } from "./rule.ts";

/** Rules at once: each is asked on each call. */
const MOST_RULES = 100;

/** A rule that is in force. */
export interface ActiveRule extends ChaosRule {
  /** Names the rule. */
  readonly id: string;
  /** Where its random numbers begin: the same seed picks the same of the calls that it meets, counted from the first. */
  readonly seed: number;
  /** Calls that it met, and calls that it made go wrong. */
  readonly met: number;
  readonly fired: number;
}

type Mutable<Type> = { -readonly [Member in keyof Type]: Type[Member] };

/** The rules of chaos that are in force, and which calls they pick. */
export class Chaos {
  readonly #rules = new Map<string, { rule: Mutable<ActiveRule>; random: () => number }>();
  readonly #notice: (line: string) => void;
  #last = 0;

  /** @param notice told, in a line for a person, of each rule that is set or lifted */
  constructor(notice: (line: string) => void) {
    this.#notice = notice;
  }

  /** Whether there is any rule. */
  get active(): boolean {
    return this.#rules.size > 0;
  }

  get rules(): readonly ActiveRule[] {
    return [...this.#rules.values()].map(({ rule }) => ({ ...rule }));
  }

  /** Puts a rule in force. @throws AwsError LimitExceededException where there are too many. */
  add(given: ChaosRule): ActiveRule {
    if (this.#rules.size >= MOST_RULES)
      throw new AwsError("LimitExceededException", `There are ${MOST_RULES} rules of chaos already: lift some.`);
    const seed = given.seed ?? Math.floor(Math.random() * 0x1_0000_0000);
    const rule = { ...given, id: String(++this.#last), seed, met: 0, fired: 0 };
    this.#rules.set(rule.id, { rule, random: randomFrom(seed) });
    this.#notice(`chaos ${rule.id}: ${describeRule(rule)} (seed ${seed})`);
    return { ...rule };
  }

  /** Lifts one rule. @returns false where there is none of that id. */
  remove(id: string): boolean {
    const removed = this.#rules.delete(id);
    if (removed) this.#notice(`chaos ${id} is lifted`);
    return removed;
  }

  /** Lifts all rules. */
  clear(): void {
    for (const id of this.#rules.keys()) this.remove(id);
  }

  /** The rules that pick a call, in the order in which they were set. What they pick is counted when it has {@link fired}. */
  pick(subject: Subject): readonly ActiveRule[] {
    return [...this.#rules.values()].flatMap(({ rule, random }) => {
      if (!isAbout(rule, subject)) return [];
      rule.met++;
      return random() < rule.rate ? [rule] : [];
    });
  }

  /** Counts that a rule made a call go wrong. */
  fired({ id }: Pick<ActiveRule, "id">): void {
    const known = this.#rules.get(id);
    if (known) known.rule.fired++;
  }
}

function isAbout({ api, operation, resource }: ChaosRule, subject: Subject): boolean {
  if (api !== undefined && api !== subject.api) return false;
  if (operation !== undefined && operation !== subject.operation) return false;
  return resource === undefined || subject.resources.includes(resource);
}

/** Numbers from 0 to below 1, the same for the same seed: mulberry32 by Tommy Ettinger, public domain. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
