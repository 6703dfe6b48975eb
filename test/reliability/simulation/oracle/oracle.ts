import { listOf, property, textOf } from "../checks/fields.ts";
import type { Violation } from "../checks/report.ts";
import type { Attempt, Change } from "../cloud/dynamodb.ts";
import type { Environment, Invocation } from "../cloud/environment.ts";
import { textIn } from "../cloud/items.ts";
import { receiptHandleOf, type Message } from "../cloud/queue.ts";
import type { Watcher } from "../cloud/watcher.ts";
import { RELAY } from "../programs/account.ts";
import type { World } from "../world.ts";
import { Commits } from "./commits.ts";
import { Copies } from "./copies.ts";
import { type Asked, type Fact, Facts, hasStep, mayDie } from "./facts.ts";
import { Outgoing } from "./outgoing.ts";
import { Relayed } from "./relayed.ts";
import { type Run, Runs, type Said } from "./runs.ts";

const DAY = 24 * 3_600_000;

/** Violations that are kept of one run: the first ones tell. */
const KEPT = 20;

/**
 * Says what a correct outcome of generated handlers is, and shares nothing with the runtime: it knows what each handler is to
 * do, what it says that it saw, what each write changes in a table, and what SNS takes in.
 */
export class Oracle implements Watcher {
  readonly violations: Violation[] = [];
  readonly facts: Facts;
  readonly runs = new Runs();
  readonly commits: Commits;
  /** Services whose processes end with events in hand: these may have to wait for others. */
  readonly suspicious = new Set<string>();
  /** Messages handed to functions. */
  received = 0;
  readonly #world: World;
  readonly #outgoing: Outgoing;
  readonly copies: Copies;
  readonly #relayed: Relayed;
  /** The run that each fact has taken effect by. */
  readonly #lastOf = new Map<string, Run>();
  /** The answer of each outside effect that a handler has got. */
  readonly #answers = new Map<string, number>();

  constructor(world: World, asked: readonly Asked[]) {
    this.#world = world;
    const report = this.report.bind(this);
    this.facts = new Facts(asked);
    this.#outgoing = new Outgoing(report, this.facts);
    this.copies = new Copies(report, this.facts);
    this.#relayed = new Relayed(report);
    this.commits = new Commits(report, this.facts, this.runs);
    this.commits.onDone = (run) => {
      this.#lastOf.set(run.fact, run);
      this.#checkSealed(run);
    };
    this.commits.onEmitted = (fact, run, contents) => this.#outgoing.emitted(fact, run, contents);
  }

  report(invariant: string, detail: string): void {
    this.#world.trace(`VIOLATION ${invariant}: ${detail}`);
    if (this.violations.length < KEPT) this.violations.push({ invariant, detail });
  }

  marked({ service, invocation }: Environment, name: string, detail: unknown): void {
    const { now } = this.#world.scheduler;
    const { run, said } = this.runs.take(service, name, detail, now);
    if (said.what === "began") this.#begins(run, invocation);
    this.#world.trace(`${service} ${run.fact} ${run.id.slice(0, 8)} ${name} ${JSON.stringify(detail)}`);
    this.#check(run, said);
  }

  #begins(run: Run, invocation: Invocation | undefined): void {
    const copies = invocation?.batch.filter(({ body }) => this.facts.of(body)?.name === run.fact) ?? [];
    // Copies in one batch run side by side: then the one before is another's.
    if (copies.length === 1) run.invocation = invocation;
    this.commits.began(run);
  }

  #check(run: Run, said: Said): void {
    // A handler that was given up on goes on with a unit of work that comes to nothing.
    if (said.what === "late" && run === this.#lastOf.get(run.fact)) this.#checkSealed(run);
    if (said.what === "answered" && run !== this.#lastOf.get(run.fact))
      this.report("a request is answered with what was committed", `${run.service} ${run.fact}: ${run.id}`);
    if (said.what === "effect") {
      const fact = this.facts.all.get(run.fact);
      if (fact) this.copies.effectBegan(fact, run.beganAt, said.key);
      if (this.#answers.has(said.key)) this.report("a recorded effect is not repeated", said.key);
    }
    if (said.what === "answer") {
      const known = this.#answers.get(said.key) ?? said.n;
      this.#answers.set(said.key, known);
      if (known !== said.n) this.report("a recorded effect stays recorded", `${said.key} was ${known}, and is ${said.n}`);
    }
  }

  #checkSealed({ service, fact, unsealed }: Run): void {
    if (unsealed) this.report("a unit of work is sealed when its handler has returned", `${service} ${fact}`);
  }

  published(body: string, type: string, publisher: string): void {
    this.#world.trace(`${publisher} published ${type} ${body}`);
    if (publisher === "desk") this.report("only the relay publishes what requests emit", body);
    if (publisher !== "producer") this.#outgoing.published(body);
  }

  delivered(service: string, message: Message): void {
    this.#arrived(message.body);
    this.#world.trace(`${service} gets ${this.facts.of(message.body)?.name} as ${message.messageId}`);
  }

  denied(_service: string, body: string): void {
    this.#arrived(body);
  }

  #arrived(body: string): void {
    const fact = this.facts.of(body);
    if (fact) fact.deliveries++;
  }

  expired(_service: string, { body }: Message): void {
    const fact = this.facts.of(body);
    if (fact) fact.expired = true;
  }

  receivedBatch(batch: readonly Message[]): void {
    this.received += batch.length;
  }

  redriven(service: string, message: Message): void {
    this.#world.rare("message moved to the dead-letter queue by SQS");
    this.#world.trace(`${service} redrives ${receiptHandleOf(message)}`);
  }

  deadLettered(service: string, { body, attributes }: Message): void {
    const fact = this.facts.of(body);
    if (fact && this.#mayStillSucceed(fact, body, attributes["errorName"]))
      this.report("what may still succeed is not given up", `${service} ${fact.name}: ${attributes["errorMessage"]}`);
    this.#world.trace(`${service} buries ${this.facts.of(body)?.name}: ${attributes["errorMessage"]}`);
  }

  sentAgain(service: string, message: Message): void {
    this.#world.rare("message sent again by the runtime");
    this.#world.trace(`${service} sends ${this.facts.of(message.body)?.name} again as ${message.messageId}`);
  }

  /** Whether a handler that never refuses its event was only kept from handling it, and for less than a day. */
  #mayStillSucceed({ program }: Fact, body: string, errorName: string | undefined): boolean {
    // In a deployment half done, code may get a version that it does not know.
    if (mayDie(program) || body.includes("program.asked.v2")) return false;
    // The outside's errors are the handler's own, and crashes may look like the event's.
    const isSpared = !hasStep(program, ["effect"]) && errorName !== "ProcessEndedError";
    return this.#world.faults.total === 0 || (isSpared && this.#world.scheduler.now - this.#world.startedAt < DAY);
  }

  held(_service: string, attempts: readonly Attempt[]): void {
    for (const { item } of attempts) {
      const run = this.runs.byId(textIn(item, "by").split(" ")[0] ?? "");
      if (run) run.held = true;
    }
  }

  committed(service: string, changes: readonly Change[]): void {
    this.#world.trace(`${service} writes ${changes.map(({ key }) => key).join(" ")}`);
    this.commits.committed(service, changes, this.#world.scheduler.now);
  }

  called(environment: Environment, operation: string, input: unknown): void {
    if (operation === "SendMessage") this.#sends(environment, input);
    if (operation === "PublishBatch") this.#publishes(environment, input);
  }

  #sends(environment: Environment, input: unknown): void {
    if (textOf(input, "QueueUrl") === environment.service) this.copies.postponed(environment, textOf(input, "MessageBody"));
    if (textOf(input, "QueueUrl") !== `${environment.service}-dlq`) return;
    const reason = textOf(property(property(input, "MessageAttributes"), "errorMessage"), "StringValue");
    this.copies.buried(environment, textOf(input, "MessageBody"), reason);
  }

  #publishes(environment: Environment, input: unknown): void {
    if (environment.service === RELAY) return this.#relayed.publishes(environment, input);
    const bodies = listOf(input, "PublishBatchRequestEntries").map((entry) => textOf(entry, "Message"));
    const facts = new Set(bodies.flatMap((body) => this.facts.of(body) ?? []));
    for (const fact of facts) if (environment.service !== "producer") this.copies.publishes(environment, fact);
  }

  invoked(invocation: Invocation): void {
    if (invocation.service !== "producer") this.copies.invoked(invocation);
  }

  timedOut({ service, batch, stalled }: Invocation): void {
    // The relay may wait for SNS as long as it likes: what it was handed comes again.
    if (stalled || service === "producer" || service === RELAY) return;
    const facts = batch.map(({ body }) => this.facts.of(body)?.name);
    this.report("an invocation ends before its time is up", `${service}: ${facts.join(", ")}`);
  }

  answered(invocation: Invocation, failed: ReadonlySet<string> | undefined): void {
    if (invocation.service === "producer" || !failed) return;
    this.#checkTurns(invocation);
    const acknowledged = invocation.batch.filter(({ messageId }) => !failed.has(messageId)).map(({ body }) => body);
    this.copies.answered(invocation, acknowledged, this.#world.scheduler.now);
  }

  /** Where nothing fails, no process ends on an event: then none waits for others, but for those of its subject. */
  #checkTurns(invocation: Invocation): void {
    const { service, batch } = invocation;
    const mayWait = service === "desk" || this.suspicious.has(service) || this.copies.moving.has(service);
    if (this.#world.faults.total > 0 || mayWait) return;
    const received = batch.flatMap(({ body }) => {
      const fact = this.facts.of(body);
      return fact ? [{ body, fact }] : [];
    });
    for (const [{ body, fact } = received[0]!, ...others] of Map.groupBy(received, ({ fact }) => fact.program.cell).values()) {
      // Code of a deployment half done leaves a version that it does not know for later.
      if (others.length > 0 || fact.doneAt !== undefined || body.includes("program.asked.v2")) continue;
      if (!this.runs.of(service, fact.name).some((run) => run.invocation === invocation))
        this.report("an event has its turn when it is received", `${service} ${fact.name}`);
    }
  }

  acknowledged(): void {
    // What becomes of a message shows at the end, in its fact.
  }

  attempted(): void {
    // What counts is what a transaction changes.
  }

  succeeded(environment: Environment, operation: string, input: unknown, output: unknown): void {
    // Of all else, a handler says itself what it has got.
    if (environment.service === RELAY && operation === "PublishBatch") this.#relayed.hasPublished(environment, input, output);
  }

  effectStarted(): void {
    // A handler says itself when an outside effect begins.
  }
}
