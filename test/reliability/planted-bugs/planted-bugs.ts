import { BESIDE } from "./beside.ts";
import { HOLES } from "./holes.ts";
import { bug, edit, type PlantedBug } from "./planted-bug.ts";
import { SUSPECTS } from "./suspects.ts";

/** Bugs that a runtime could have, or has had: each is one small change of the code that is deployed. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  bug(
    "a record is acknowledged before its commit",
    "record/run-until-committed",
    "return await transaction.complete();",
    "void transaction.complete().catch(() => undefined); return [];",
  ),
  bug(
    "the inbox record is put without its condition",
    "inbox/inbox",
    "Item: marshall({ ...this.#key, ...record }),\n      ...this.#condition(),",
    "Item: marshall({ ...this.#key, ...record }),",
  ),
  bug(
    "outgoing events are published before the commit",
    "unit/transaction",
    "const { events } = this.outbox;",
    `const { events } = this.outbox;
    const { PublishBatchCommand } = require("@aws-sdk/client-sns");
    for (const { topic, type, body } of events) {
      const MessageAttributes = { type: { DataType: "String", StringValue: type } };
      const entry = { Id: "0", Message: body, MessageAttributes };
      await this.#context.clients.sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: [entry] }));
    }`,
  ),
  bug("items are written whatever their version", "unit/writes", `if (expected === "any") return {};`, "return {};"),
  bug(
    "outgoing events have random ids",
    "unit/outbox",
    "const id = outgoingId(event, service.name, this.#events.length);",
    "const id = crypto.randomUUID();",
  ),
  {
    name: "any cancellation passes for a duplicate",
    edits: [
      edit(
        "table/commit",
        "const reasons = reasonsOf(error);",
        `const reasons = reasonsOf(error); if (reasons.length > 0) throw new Error("handled before");`,
      ),
      edit(
        "record/handle-once",
        "if (!(error instanceof AlreadyHandledError)) throw error;",
        `if (error?.message === "handled before") return { outcome: "duplicate", outgoing: [] };
        if (!(error instanceof AlreadyHandledError)) throw error;`,
      ),
    ],
  },
  bug(
    "a change of state passes for a duplicate",
    "record/run-until-committed",
    "if (!(error instanceof StateConflictError) || run === RUNS) throw error;",
    "if (!(error instanceof StateConflictError) || run === RUNS) throw error; return [];",
  ),
  bug(
    "a transaction that stays in conflict passes for committed",
    "table/commit",
    "attempt === ATTEMPTS) throw error;",
    "false) throw error; if (attempt === ATTEMPTS) return;",
  ),
  bug(
    "one failed record of a batch is not reported",
    "batch/standard-records",
    `records.filter((_, index) => outcomes[index] === "retry");`,
    `records.filter((_, index) => outcomes[index] === "retry").slice(1);`,
  ),
  bug(
    "duplicates are reported as failed",
    "batch/standard-records",
    `records.filter((_, index) => outcomes[index] === "retry");`,
    `records.filter((_, index) => outcomes[index] !== "done");`,
  ),
  bug(
    "a record that failed counts as done",
    "record/settle",
    "await retry(context, received, failure, fields);",
    `("done" as const);`,
  ),
  bug(
    "a record is given up before its dead letter is safe",
    "record/dead-letter",
    "await sendToDeadLetterQueue(context, received, error);",
    "void sendToDeadLetterQueue(context, received, error).catch(() => undefined);",
  ),
  bug(
    "a record is given up although its dead letter was not sent",
    "record/dead-letter",
    `return "retry";
  }
  context.log.error("event dead"`,
    `return "dead";
  }
  context.log.error("event dead"`,
  ),
  bug("an event is dead one try too early", "attempts/retry-budget", "failures + 1 >= tries;", "failures + 2 >= tries;"),
  bug(
    "an event is dead while what it needs may be available again",
    "attempts/retry-budget",
    "waits + 1 >= LEAST_WAITS && startedAt - triedSince >= ageHours * HOUR_MILLISECONDS;",
    "waits + 1 >= LEAST_WAITS;",
  ),
  bug(
    "an event that ends the process is left for SQS to give up",
    "batch/suspects",
    "received.attempts.unexplained + 1 >= context.config.maxReceiveCount;",
    "received.attempts.unexplained >= context.config.maxReceiveCount;",
  ),
  bug(
    "a message is deleted before it is sent again",
    "record/send-again",
    "await context.settling.sqs.send(",
    "await acknowledge(context, [record]); await context.settling.sqs.send(",
  ),
  bug(
    "a message that is sent again counts a try twice",
    "record/retry",
    `failure.kind === "own" ? { failures: failures + 1 }`,
    `failure.kind === "own" ? { failures: failures + 2 }`,
  ),
  bug(
    "records that are published together get each other's outcome",
    "publish/publications",
    "results.slice(from, (from += messages.length))",
    "results.slice(0, messages.length)",
  ),
  bug(
    "outgoing events are published after the acknowledgement",
    "record/settle",
    "await publishOutgoing(context, outgoing);",
    "void publishOutgoing(context, outgoing).catch(() => undefined);",
  ),
  bug(
    "a duplicate's outgoing events are not published again",
    "record/handle-once",
    "outgoing: published ? [] : outgoing",
    "outgoing: []",
  ),
  bug(
    "the inbox record carries no outgoing events",
    "inbox/inbox-record",
    "outgoing,\n    expiresAt: ",
    "outgoing: [],\n    expiresAt: ",
  ),
  bug("the inbox forgets after seconds", "table/expiry", "days * SECONDS_PER_DAY;", "days;"),
  {
    name: "an entry that SNS refused passes for published",
    edits: [
      edit(
        "publish/send",
        `results.set(message, { error: new EntryRefusedError(text, SenderFault ? "client" : "server") });`,
        "results.set(message, { messageId: text });",
      ),
      edit("publish/send", "if (!SenderFault && !last) again.push(message);", ""),
    ],
  },
  bug(
    "an effect runs without a lease",
    "unit/effects",
    "const known = await this.#acquire(lease);",
    "const known = undefined;",
  ),
  bug("a lease is taken from whoever holds it", "unit/effects", " AND leasedUntil < :now)", ")"),
  bug("an effect's result is not recorded", "unit/effects", "await this.#record(lease, JSON.stringify({ value }));", ""),
  bug(
    "an item's inbox is not looked at",
    "unit/home-inbox",
    "if (entry.checkpoints === undefined) throw new AlreadyHandledError(entry);",
    "if (entry.checkpoints === undefined) return;",
  ),
  bug(
    "an item's inbox forgets its entries",
    "unit/home-inbox",
    "const entries = [...kept.map(",
    "const entries = [...kept.slice(kept.length).map(",
  ),
  bug(
    "an item is written whatever became of it since it was read",
    "unit/home-writes",
    "Item: item, ...condition }",
    "Item: item }",
  ),
  bug(
    "an inbox that moves leaves no records",
    "unit/home-inbox",
    "return this.#isMoving || spilledUntil(before) > 0 ? inRecord(this.#record) : [];",
    "return [];",
  ),
  bug(
    "pieces are taken although too few are there",
    "unit/writes",
    '"#attribute >= :least",',
    '"(#attribute >= :least OR #attribute < :least)",',
  ),
  bug(
    "a checkpoint is committed for an event that was handled",
    "inbox/inbox",
    "Key: marshall(this.#key), ...this.#condition() };",
    'Key: marshall(this.#key), ConditionExpression: "attribute_not_exists(nothing)" };',
  ),
  bug(
    "state and inbox are committed one after the other",
    "unit/transaction",
    "await commit(\n      clients.dynamodb,\n      [\n        ...guards,",
    "await commit(clients.dynamodb, guards, this.#context); if (others.length + checks.length > 0) await commit(\n      clients.dynamodb,\n      [",
  ),
  bug(
    "a large event is published before its data is in S3",
    "unit/outbox",
    "await Promise.all(uploads.map((upload) => upload(signal)));",
    "void Promise.all(uploads.map((upload) => upload(signal).catch(() => undefined)));",
  ),
  bug("a reused id passes for a duplicate", "inbox/inbox", "throw new IdReusedError();", ""),
  bug(
    "later records of a FIFO group are acknowledged unhandled",
    "batch/fifo-groups",
    "return group.slice(index).map(({ record }) => record);",
    "return [received.record];",
  ),
  bug(
    "records of a FIFO group are handled side by side",
    "batch/handle-batch",
    "isFifo(records) ? await handleGroups(invocation, records) :",
    "isFifo([]) ? await handleGroups(invocation, records) :",
  ),
  bug("an outgoing event overtakes one of its group", "publish/send", "of rounds(messages)) {", "of [messages]) {"),
  bug(
    "an outgoing event is sent after one of its group that failed",
    "publish/send",
    "round.filter((message) => !halted.has(orderKey(message)));",
    "round;",
  ),
  bug(
    "a record that may end the process is handled without a mark",
    "batch/handle-watched",
    "await leaveMark(context, received, mark);",
    "",
  ),
  ...HOLES,
  ...SUSPECTS,
  ...BESIDE,
];
