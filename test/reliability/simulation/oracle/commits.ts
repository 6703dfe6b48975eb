import { textOf } from "../checks/fields.ts";
import type { Change } from "../cloud/dynamodb.ts";
import { textIn } from "../cloud/items.ts";
import type { Report } from "../checks/report.ts";
import type { Fact, Facts } from "./facts.ts";
import { type Emitted, emittedIn, storedIn } from "./outgoing.ts";
import { type Replay, replay, type Segment, show } from "./replay.ts";
import type { Run, Runs, Seen } from "./runs.ts";
import { type Content, History, type StateChange, stateChanges } from "./state.ts";

/**
 * Judges each transaction at its commit. The order of the commits is the serial order that has to explain everything: the
 * transaction must be what the program does when it is run alone on the state of that moment.
 */
export class Commits {
  /** Told of what a transaction has emitted. */
  onEmitted: (fact: Fact, run: Run, emits: readonly string[]) => void = () => {};
  /** Told of the run that an event has taken effect by. */
  onDone: (run: Run) => void = () => {};
  readonly #report: Report;
  readonly #facts: Facts;
  readonly #runs: Runs;
  readonly #history = new History();

  constructor(report: Report, facts: Facts, runs: Runs) {
    this.#report = report;
    this.#facts = facts;
    this.#runs = runs;
  }

  /** A heap begins with a number in it. */
  begin(service: string, heap: string, n: number): void {
    this.#history.set(`${service} heap#${heap}`, { n }, 0);
  }

  /**
   * A run begins. The one before it in the same invocation may have failed for another reason; when four could never be committed, a
   * fifth is one too many.
   */
  began({ service, fact, invocation }: Run): void {
    const before = this.#runs.of(service, fact).slice(-5, -1);
    const taken = before.map((run) => (run.invocation === invocation ? this.#takenFor(run) : undefined));
    if (invocation && taken.length === 4 && taken.every((cell) => cell !== undefined))
      this.#report("a put that can never be committed is refused at once", `${service} ${fact}: ${taken[0]}`);
  }

  /** The cell that a run has put unread although it was there, and nothing else can have failed it. */
  #takenFor(run: Run): string | undefined {
    if (run.ended !== "returned" || run.held) return undefined;
    const { basis, created } = replay(this.#facts.all.get(run.fact)!.program, run).segments.at(-1)!;
    const nameOf = (cell: string) => `${run.service} cell#${cell}`;
    const others = [...basis.values()].filter(({ cell }) => !created.has(cell));
    if (!others.every((seen) => isHolding(this.#history.now(nameOf(seen.cell)), seen))) return undefined;
    return [...created].find((cell) => this.#history.heldThroughout(nameOf(cell), run.beganAt));
  }

  /** A write has changed items. @param now milliseconds since 1970 */
  committed(service: string, changes: readonly Change[], now: number): void {
    const state = stateChanges(changes);
    const runs = this.#committers(service, state, changes);
    if (runs.length === 0 && state.length === 0) return;
    const verdicts = runs.map((run) => this.#judge(run, state));
    const stored = new Set(changes.flatMap(({ after }) => storedIn(after)).map(nameOf));
    const told = verdicts.filter(
      ({ fact, segment }) => segment?.emits.every((content) => stored.has(nameOf({ fact: fact.name, content }))) ?? false,
    );
    const accepted = [...told, ...verdicts].find(({ wrong }) => wrong === undefined) ?? verdicts.at(-1);
    for (const { name, after } of state) this.#history.set(`${service} ${name}`, after, now);
    if (!accepted)
      return this.#report("state changes only by a handler's work", `${service}: ${state.map(showChange).join(", ")}`);
    this.#take(accepted, now);
  }

  /** The runs whose work a write may be: the one whose name is in it, or those that the emitted event may come from. */
  #committers(service: string, state: readonly StateChange[], changes: readonly Change[]): readonly Run[] {
    const names = [
      ...state.map(({ after }) => after?.by?.split(" ")[0]),
      // A request's answer is the name of its run.
      ...changes.map(({ after }) => textOf(JSON.parse(textIn(after, "answer") || "{}"), "value")),
    ];
    const tagged = names.map((name = "") => this.#runs.byId(name)).find(Boolean);
    if (tagged) return [tagged];
    const [fact] = emittedIn(changes).map(({ fact }) => fact);
    if (fact === undefined) return [];
    const runs = this.#runs
      .of(service, fact)
      .filter(({ ended, checkpoints, committed }) => ended === "returned" || checkpoints > committed);
    return runs.length > 0 ? runs : this.#runs.of(service, fact).slice(-1);
  }

  #judge(run: Run, state: readonly StateChange[]): Verdict {
    const fact = this.#facts.all.get(run.fact)!;
    const replayed = replay(fact.program, run);
    const segment = replayed.segments[run.committed];
    const final = replayed.segments.length === run.committed + 1;
    return { run, fact, segment, final, wrong: this.#whyWrong(run, fact, replayed, segment, final, state) };
  }

  #whyWrong(
    run: Run,
    fact: Fact,
    replayed: Replay,
    segment: Segment | undefined,
    final: boolean,
    state: readonly StateChange[],
  ): Wrong {
    const { service } = run;
    if (fact.doneAt !== undefined) return ["an event takes effect once", "it had taken effect before"];
    if (!segment) return ["an event takes effect once", "all of this run's work is committed already"];
    if (final && replayed.contradiction !== undefined)
      return ["what is committed is all that the handler does", replayed.contradiction];
    if (final && run.ended !== "returned")
      return ["what is committed is all that the handler does", "the handler has not returned"];
    for (const [cell, basis] of segment.basis) {
      const now = this.#history.now(`${service} cell#${cell}`);
      if (!isHolding(now, basis))
        return [
          "what a handler relied on is so at its commit",
          `it saw ${show(basis)}, and there is ${show({ cell, ...now })}`,
        ];
    }
    const expected = this.#expected(service, segment);
    const wrong = differences(expected, new Map(state.map(({ name, after }) => [name, after])));
    if (wrong) return ["a transaction is what its handler does alone", wrong];
    const made = replayed.unchecked.find((seen) => !this.#history.heldSince(`${service} cell#${seen.cell}`, seen, run.beganAt));
    return made && ["what a handler reads was there", show(made)];
  }

  /** What the state is to change to. */
  #expected(service: string, { writes, adds }: Segment): Map<string, Content | undefined> {
    const expected = new Map<string, Content | undefined>();
    for (const [name, content] of writes) {
      const now = this.#history.now(`${service} ${name}`);
      if (now?.n !== content?.n || now?.by !== content?.by) expected.set(name, content);
    }
    for (const [heap, by] of adds) {
      const now = this.#history.now(`${service} heap#${heap}`)?.n ?? 0;
      if (by !== 0) expected.set(`heap#${heap}`, { n: now + by });
    }
    return expected;
  }

  #take({ run, fact, segment, final, wrong }: Verdict, now: number): void {
    if (wrong) this.#report(wrong[0], `${run.service} ${fact.name}, run ${run.id.slice(0, 8)}: ${wrong[1]}`);
    run.committed++;
    this.onEmitted(fact, run, segment?.emits ?? []);
    if (!final) return;
    fact.doneAt ??= now;
    this.onDone(run);
  }
}

function nameOf({ fact, content }: Pick<Emitted, "fact" | "content">): string {
  return `${fact}: ${content}`;
}

function isHolding(content: Content | undefined, seen: Seen): boolean {
  return content?.n === seen.n && content?.by === seen.by;
}

/** The invariant that does not hold, and why. */
type Wrong = readonly [invariant: string, detail: string] | undefined;

interface Verdict {
  readonly run: Run;
  readonly fact: Fact;
  readonly segment: Segment | undefined;
  readonly final: boolean;
  readonly wrong: Wrong;
}

function differences(expected: Map<string, Content | undefined>, actual: Map<string, Content | undefined>): string | undefined {
  const names = [...new Set([...expected.keys(), ...actual.keys()])];
  const wrong = names.filter((name) => {
    const [one, other] = [expected.get(name), actual.get(name)];
    return expected.has(name) !== actual.has(name) || one?.n !== other?.n || one?.by !== other?.by;
  });
  return wrong.length === 0
    ? undefined
    : wrong.map((name) => `${name} is ${text(actual, name)}, not ${text(expected, name)}`).join("; ");
}

function text(contents: Map<string, Content | undefined>, name: string): string {
  if (!contents.has(name)) return "unchanged";
  const content = contents.get(name);
  return content ? `${content.n} by ${content.by?.slice(0, 8)}` : "deleted";
}

function showChange({ name, after }: StateChange): string {
  return `${name} is ${after?.n}`;
}
