import { Random } from "../../support/random.ts";

/** Every fault, with the greatest probability that a seed may draw for it, per opportunity. */
const GREATEST = {
  "publish.answer-lost": 0.2,
  "publish.throttled": 0.4,
  "publish.server-error": 0.4,
  "publish.partly-failed": 0.5,
  "publish.hangs": 0.05,
  "delivery.late": 0.2,
  "delivery.denied": 0.05,
  "delivery.duplicated": 0.2,
  "queue.reordered": 0.1,
  "queue.redelivered-in-flight": 0.1,
  "queue.visibility-short": 0.2,
  "queue.call-throttled": 0.3,
  "queue.call-failed": 0.3,
  "queue.answer-lost": 0.2,
  "queue.retention-expired": 0.01,
  "acknowledgement.lost": 0.2,
  "acknowledgement.late": 0.2,
  "acknowledgement.stale": 0.9,
  "mapping.throttled": 0.3,
  "mapping.answer-malformed": 0.1,
  "mapping.answer-null": 0.3,
  "mapping.answer-unknown-id": 0.1,
  "mapping.answer-lost": 0.1,
  "lambda.crash-before-call": 0.02,
  "lambda.crash-after-call": 0.02,
  "lambda.crash-anytime": 0.1,
  "lambda.stalled": 0.15,
  "lambda.recycled": 0.3,
  "lambda.clock-skewed": 0.5,
  "dynamodb.throttled": 0.2,
  "dynamodb.server-error": 0.2,
  "dynamodb.conflict": 0.6,
  "dynamodb.answer-lost": 0.2,
  "dynamodb.token-expired": 0.5,
  "dynamodb.request-late": 0.1,
  "dynamodb.slow": 0.2,
  "dynamodb.read-stale": 0.2,
  "dynamodb.keys-unprocessed": 0.3,
  "dynamodb.ttl-late": 0.9,
  "dynamodb.ttl-never": 0.9,
  "objects.failed": 0.5,
  "objects.answer-lost": 0.5,
  "deploy.rolling": 0.9,
  "service.down": 0.9,
  "operator.late": 0.9,
  "provider.down": 0.3,
  "provider.answer-lost": 0.2,
  "email.refused": 0.3,
  "email.failed": 0.3,
  "email.answer-lost": 0.2,
} as const;

export type FaultKind = keyof typeof GREATEST;

/** All kinds of faults, in a fixed order. */
export const FAULT_KINDS = Object.keys(GREATEST).filter((kind): kind is FaultKind => kind in GREATEST);

/** What narrows the faults of a seed, to replay a part of it. */
export interface FaultLimits {
  /** Only these kinds. @default all */
  readonly only?: readonly FaultKind[];
  /** Only the first so many. @default no limit */
  readonly most?: number;
}

/** The faults of one seed: which kinds, how likely, and how many have happened. */
export class Faults {
  readonly fired = new Map<FaultKind, number>();
  total = 0;
  readonly #weights = new Map<FaultKind, { weight: number; random: Random }>();
  readonly #most: number;
  #healed = false;

  /** @param of what the faults are of, so that the parts of a seed draw faults of their own */
  constructor(seed: number, { only = FAULT_KINDS, most = Infinity }: FaultLimits, of = "") {
    this.#most = most;
    const draw = new Random(seed, `${of}faults`);
    const share = profile(draw);
    for (const kind of FAULT_KINDS) {
      const drawn = draw.chance(share);
      const weight = GREATEST[kind] * 10 ** -draw.between(0, 1.5);
      if (drawn && only.includes(kind)) this.#weights.set(kind, { weight, random: new Random(seed, `${of}${kind}`) });
    }
  }

  /** The kinds that may happen in this seed. */
  get kinds(): FaultKind[] {
    return [...this.#weights.keys()];
  }

  /** Whether the fault happens at this opportunity. */
  happens(kind: FaultKind): boolean {
    const fault = this.#weights.get(kind);
    if (!fault || this.#healed || fault.random.next() >= fault.weight || this.total >= this.#most) return false;
    this.total++;
    this.fired.set(kind, (this.fired.get(kind) ?? 0) + 1);
    return true;
  }

  /** A random number for what a fault does. */
  between(kind: FaultKind, from: number, to: number): number {
    const fault = this.#weights.get(kind);
    return fault ? fault.random.between(from, to) : from;
  }

  /** No fault happens from now on. */
  heal(): void {
    this.#healed = true;
  }
}

/** Which share of the kinds a seed draws: none, few, many, all. */
function profile(draw: Random): number {
  const kind = draw.next();
  if (kind < 0.05) return 0;
  if (kind < 0.3) return 0.06;
  if (kind < 0.85) return 0.3;
  return 1;
}
