import { property, textOf } from "../checks/fields.ts";
import type { Program } from "../programs/language.ts";

/** An event as it was asked for: one fact, in however many copies and versions it comes. */
export interface Asked {
  readonly program: Program;
  /** The service that it is for. */
  readonly service: string;
}

/** What became of one fact in its service. */
export interface Fact extends Asked {
  readonly name: string;
  /** When its last transaction was committed, in milliseconds since 1970. */
  doneAt?: number;
  /** Whether a message of it was lost to a queue's retention. */
  expired: boolean;
  /** Messages that carried it into the service's queue, or into the dead-letter queue of its subscription. */
  deliveries: number;
  /** How often each event, in each of its versions, has been emitted by a committed transaction; a run that emits it again repeats it. */
  readonly emitted: Map<string, number>;
  /** Ids under which each version of an emitted event has been published. */
  readonly published: Map<string, Set<string>>;
  /** When all that it leads to was known to be published, so that a copy leads to nothing more. */
  closedAt?: number;
}

/** Every fact that is, or may be, published. */
export class Facts {
  readonly all: ReadonlyMap<string, Fact>;
  readonly #byBody = new Map<string, Fact | undefined>();

  constructor(asked: readonly Asked[]) {
    this.all = new Map(
      asked.map(({ program, service }): [string, Fact] => [
        program.fact,
        { name: program.fact, program, service, expired: false, deliveries: 0, emitted: new Map(), published: new Map() },
      ]),
    );
  }

  /** The fact that a message tells of. */
  of(body: string): Fact | undefined {
    if (!this.#byBody.has(body)) {
      const event: unknown = JSON.parse(body);
      this.#byBody.set(body, this.all.get(textOf(property(event, "data"), "fact")));
    }
    return this.#byBody.get(body);
  }
}

/** Whether a program may end as a dead letter for another reason than what it throws itself. */
export function mayBeRefused(program: Program): boolean {
  return hasStep(program, ["create", "forget", "add"]);
}

/** Whether a program may end as a dead letter in a world without faults. */
export function mayDie(program: Program): boolean {
  return mayBeRefused(program) || hasStep(program, ["throw"]);
}

/** Whether a program has a step of one of these kinds. */
export function hasStep({ steps }: Program, kinds: readonly string[]): boolean {
  const text = JSON.stringify(steps);
  return kinds.some((kind) => text.includes(`"do":"${kind}"`));
}
