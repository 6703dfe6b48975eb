import * as v from "valibot";

/** A cell's content as a handler has seen it, or as it lies in the table; `n` is undefined where there is none. */
export interface Seen {
  readonly cell: string;
  readonly n?: number | undefined;
  readonly by?: string | undefined;
}

/** What one run of a handler has said of itself. */
export interface Run {
  readonly id: string;
  readonly service: string;
  readonly fact: string;
  readonly beganAt: number;
  /** The invocation that it runs in; undefined when that has several copies of the event. */
  invocation?: object | undefined;
  /** What it read, by the place in its program. */
  readonly reads: Map<string, readonly Seen[]>;
  /** The stages that it found passed. */
  readonly stages: Map<string, number>;
  /** The answers of outside effects. */
  readonly answers: Map<string, number>;
  /** Steps that nobody awaited and that have failed, so that nobody knows of it. */
  readonly dropped: Set<string>;
  /** How many checkpoints it has asked for. */
  checkpoints: number;
  /** How many of its transactions have been committed. */
  committed: number;
  ended?: "returned" | "threw";
  /** Whether another transaction held some of its items when it was to be committed, so that it had to run again. */
  held?: boolean;
  /** Whether its unit of work took what it did after its return. */
  unsealed?: boolean;
}

const seen = v.object({ cell: v.string(), n: v.optional(v.number()), by: v.optional(v.string()) });

/** What a handler says: see the interpreter. */
const said = v.variant("what", [
  v.object({ what: v.literal("began"), run: v.string(), fact: v.string() }),
  v.object({ what: v.literal("read"), run: v.string(), path: v.string(), seen: v.array(seen) }),
  v.object({ what: v.literal("stage"), run: v.string(), path: v.string(), passed: v.number() }),
  v.object({ what: v.literal("checkpoint"), run: v.string() }),
  v.object({ what: v.literal("effect"), run: v.string(), key: v.string() }),
  v.object({ what: v.literal("answer"), run: v.string(), path: v.string(), key: v.string(), n: v.number() }),
  v.object({ what: v.literal("dropped"), run: v.string(), path: v.string() }),
  v.object({ what: v.literal("answered"), run: v.string() }),
  v.object({ what: v.literal("late"), run: v.string(), refused: v.boolean() }),
  v.object({ what: v.picklist(["returned", "threw"]), run: v.string() }),
]);

export type Said = v.InferOutput<typeof said>;

/** The runs of all handlers, by what they say. */
export class Runs {
  readonly #byId = new Map<string, Run>();
  readonly #byFact = new Map<string, Run[]>();

  /** Takes down what a run says, and returns it with the run. @param now milliseconds since 1970 */
  take(service: string, what: string, detail: unknown, now: number): { run: Run; said: Said } {
    const heard = v.parse(said, { what, ...Object(detail) });
    const run = heard.what === "began" ? this.#begin(service, heard.run, heard.fact, now) : this.#byId.get(heard.run);
    if (!run) throw new Error(`the run ${heard.run} says "${what}" before it has begun`);
    switch (heard.what) {
      case "read":
        run.reads.set(heard.path, heard.seen);
        break;
      case "stage":
        run.stages.set(heard.path, heard.passed);
        break;
      case "answer":
        run.answers.set(heard.path, heard.n);
        break;
      case "checkpoint":
        run.checkpoints++;
        break;
      case "returned":
      case "threw":
        run.ended = heard.what;
        break;
      case "dropped":
        run.dropped.add(heard.path);
        break;
      case "late":
        run.unsealed = !heard.refused;
        break;
      case "began":
      case "answered":
      case "effect":
        break;
    }
    return { run, said: heard };
  }

  byId(id: string): Run | undefined {
    return this.#byId.get(id);
  }

  /** The runs of one fact in one service, in the order in which they began. */
  of(service: string, fact: string): readonly Run[] {
    return this.#byFact.get(`${service} ${fact}`) ?? [];
  }

  #begin(service: string, id: string, fact: string, beganAt: number): Run {
    const nothing = {
      reads: new Map(),
      stages: new Map(),
      answers: new Map(),
      dropped: new Set<string>(),
      checkpoints: 0,
      committed: 0,
    };
    const run: Run = { id, service, fact, beganAt, ...nothing };
    this.#byId.set(id, run);
    const name = `${service} ${fact}`;
    this.#byFact.set(name, [...(this.#byFact.get(name) ?? []), run]);
    return run;
  }
}
