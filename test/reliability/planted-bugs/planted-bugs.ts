import type { Mutation } from "../simulation/code.ts";

/** A bug that the simulation has to find. */
export interface PlantedBug {
  readonly name: string;
  readonly edits: readonly Mutation[];
}

/** One replacement in a file of the runtime. */
function edit(file: string, find: string, replace: string): Mutation {
  return { file: `lib/runtime/${file}.ts`, find, replace };
}

/** A bug that one replacement makes. */
function bug(name: string, file: string, find: string, replace: string): PlantedBug {
  return { name, edits: [edit(file, find, replace)] };
}

/** Bugs that a runtime could have, or has had: each is one small change of the code that is deployed. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  bug(
    "a record is acknowledged before its commit",
    "record/handle-once",
    "return await unit.complete();",
    "void unit.complete().catch(() => undefined); return [];",
  ),
  bug(
    "the inbox record is put without its condition",
    "unit/unit-of-work",
    `Date.now())),
        ConditionExpression: "attribute_not_exists(pk)",`,
    "Date.now())),",
  ),
  bug(
    "outgoing events are published before the commit",
    "unit/unit-of-work",
    "const outgoing = [...this.#outgoing];",
    `const outgoing = [...this.#outgoing];
    const { PublishBatchCommand } = require("@aws-sdk/client-sns");
    for (const { topic, type, body } of outgoing) {
      const MessageAttributes = { type: { DataType: "String", StringValue: type } };
      const entry = { Id: "0", Message: body, MessageAttributes };
      await this.#context.clients.sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: [entry] }));
    }`,
  ),
  bug("items are written whatever their version", "unit/writes", `if (expected === "any") return {};`, "return {};"),
  bug(
    "outgoing events have random ids",
    "unit/unit-of-work",
    "const id = outgoingId(event.id, service.name, this.#outgoing.length);",
    "const id = crypto.randomUUID();",
  ),
  bug(
    "any cancellation passes for a duplicate",
    "unit/commit",
    `if (inbox === "ConditionalCheckFailed") {`,
    "if (inbox !== undefined) {",
  ),
  bug(
    "a change of state passes for a duplicate",
    "unit/commit",
    `throw new StateConflictError("an item changed since it was read");`,
    "throw new AlreadyHandledError(undefined);",
  ),
  bug(
    "a transaction that stays in conflict passes for committed",
    "unit/commit",
    "attempt === ATTEMPTS) throw error;",
    "false) throw error; if (attempt === ATTEMPTS) return;",
  ),
  bug(
    "one failed record of a batch is not reported",
    "batch/handle-batch",
    `others.filter((_, index) => outcomes[index] === "retry");`,
    `others.filter((_, index) => outcomes[index] === "retry").slice(1);`,
  ),
  bug(
    "duplicates are reported as failed",
    "batch/handle-batch",
    `others.filter((_, index) => outcomes[index] === "retry");`,
    `others.filter((_, index) => outcomes[index] !== "done");`,
  ),
  bug("a record that failed counts as done", "record/handle-record", ": retry(context, record, error, fields);", `: "done";`),
  bug(
    "a record is given up before its dead letter is safe",
    "record/dead-letter",
    "await sendToDeadLetterQueue(context.clients.sqs, context.config, record, error);",
    "void sendToDeadLetterQueue(context.clients.sqs, context.config, record, error).catch(() => undefined);",
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
  bug(
    "a record is dead one receive too early",
    "record/retry",
    "attemptOf(record) >= config.maxReceiveCount;",
    "attemptOf(record) >= config.maxReceiveCount - 1;",
  ),
  bug(
    "a record is left for SQS to give up",
    "record/retry",
    "attemptOf(record) >= config.maxReceiveCount;",
    "attemptOf(record) > config.maxReceiveCount;",
  ),
  bug(
    "outgoing events are published after the acknowledgement",
    "record/handle-record",
    "await publishOutgoing(context, outgoing);",
    "void publishOutgoing(context, outgoing).catch(() => undefined);",
  ),
  bug(
    "a duplicate's outgoing events are not published again",
    "record/handle-once",
    "outgoing: record ? outgoingOf(record) : []",
    "outgoing: []",
  ),
  bug("the inbox record carries no outgoing events", "unit/inbox", "outgoing,\n    expiresAt", "outgoing: [],\n    expiresAt"),
  bug("the inbox forgets after seconds", "unit/inbox", "days * SECONDS_PER_DAY;", "days;"),
  {
    name: "an entry that SNS refused passes for published",
    edits: [
      edit(
        "publish/send",
        "results.set(message, { error: new Error(`SNS refused",
        "results.set(message, { messageId: String(`SNS refused",
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
  bug("a lease that was lost still records", "unit/effects", `ConditionExpression: "#owner = :owner",`, ""),
  bug("a lease is taken from whoever holds it", "unit/effects", " AND leasedUntil < :now)", ")"),
  bug("an effect's result is not recorded", "unit/effects", "await this.#record(lease, JSON.stringify({ value }));", ""),
  bug("work is committed after the abort", "unit/commit", `requireTime(time, "its work could be committed");`, ""),
  bug(
    "an effect begins after its lease has run out",
    "unit/effects",
    "requireTime(this.#context, `the effect ${key} could begin`);",
    "",
  ),
  bug("an item's inbox is not looked at", "unit/item-inbox", "if (entry) throw new AlreadyHandledError({ ...entry });", ""),
  bug("an item's inbox forgets its entries", "unit/item-inbox", "[...kept, entry]", "[entry]"),
  bug(
    "a failed write of an item passes for its commit",
    "unit/item-inbox",
    "if (error.Item) requireNew(unmarshall(error.Item), event.id);",
    "if (error.Item) return;",
  ),
  bug("pieces are taken although too few are there", "unit/writes", `ConditionExpression: "#attribute >= :least",`, ""),
  bug(
    "a checkpoint is committed for an event that was handled",
    "unit/unit-of-work",
    `event.id)),
        ConditionExpression: "attribute_not_exists(pk)",`,
    `event.id)),
        ConditionExpression: "attribute_not_exists(nothing)",`,
  ),
  bug(
    "state and inbox are committed one after the other",
    "unit/unit-of-work",
    "await commit(clients.dynamodb, [inbox, ...writes], this.#context);",
    "await commit(clients.dynamodb, [inbox], this.#context); if (writes.length > 0) await commit(clients.dynamodb, writes, this.#context);",
  ),
  bug(
    "a large event is published before its data is in S3",
    "unit/unit-of-work",
    "await Promise.all(this.#uploads.map((upload) => upload(this.#context.signal)));",
    "void Promise.all(this.#uploads.map((upload) => upload(this.#context.signal).catch(() => undefined)));",
  ),
  bug("a reused id passes for a duplicate", "record/handle-once", "requireSameEvent(context, record);", ""),
  bug(
    "later records of a FIFO group are acknowledged unhandled",
    "batch/fifo-groups",
    "return group.slice(index);",
    "return [record];",
  ),
  bug(
    "records of a FIFO group are handled side by side",
    "batch/handle-batch",
    "isFifo(records) ? await handleGroups(context, records, time) :",
    "isFifo([]) ? await handleGroups(context, records, time) :",
  ),
  bug("an outgoing event overtakes one of its group", "publish/send", "of rounds(messages)) {", "of [messages]) {"),
  bug(
    "an outgoing event is sent after one of its group that failed",
    "publish/send",
    "round.filter((message) => !halted.has(orderKey(message)));",
    "round;",
  ),
  bug("a suspect is handled without a mark", "batch/handle-suspect", "await markStarted(context, record);", ""),
];
