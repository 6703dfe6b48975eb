import { bug, type PlantedBug } from "./planted-bug.ts";

/** A bug that generated handlers find. */
function hole(name: string, file: string, find: string, replace: string): PlantedBug {
  return bug(name, file, find, replace, "programs");
}

/** What the runtime did before it was mended, or would do without one of its lines: found by generated handlers. */
export const HOLES: readonly PlantedBug[] = [
  hole(
    "a second read of an item asks the table again",
    "unit/reads",
    "if (this.#items.has(text)) return this.#items.get(text);",
    "",
  ),
  hole(
    "a handler does not read what it has written",
    "unit/transaction",
    "return this.writes.of(key).reduce(afterWrite, this.reads.known(key));",
    "return this.reads.known(key);",
  ),
  hole(
    "an item that is to be unchanged is not checked",
    "unit/transaction",
    "if (unchanged) this.#unchanged.set(keyText(key), key);",
    "",
  ),
  hole(
    "an item to be unchanged is checked only if nothing is written",
    "unit/transaction",
    "const checks = [...this.#unchanged]",
    "const checks = (writes.length > 0 ? [] : [...this.#unchanged])",
  ),
  hole("a rerun gets the event as the run before has left it", "record/handle-record", "    first = undefined;\n", ""),
  hole(
    "what is written while a checkpoint commits is dropped",
    "unit/transaction",
    "    this.writes.committed();",
    "    this.writes.committed(); this.writes.take(); this.writes.committed();",
  ),
  hole("a unit of work stays open after its handler has returned", "unit/seal", `this.#state = "returned";`, ""),
  hole("a handler that returns too early passes for done", "unit/seal", "if (this.#pending === 0) return;", "return;"),
  hole(
    "a checkpoint stores no events",
    "unit/transaction",
    "(own) => inbox.checkpoint(events, own)",
    "(own) => inbox.checkpoint([], own)",
  ),
  hole(
    "a stored event that is emitted again is a new one",
    "unit/outbox",
    "if (again >= 0) return void this.#expected.splice(again, 1);",
    "",
  ),
  hole(
    "a new event takes the id of a stored one",
    "unit/outbox",
    "this.#events.length);",
    "this.#events.length - this.#stored);",
  ),
  hole(
    "a run forgets what checkpoints of others have stored",
    "unit/transaction",
    "if (inbox.checkpoints !== this.#checkpoints) throw",
    "if (inbox.checkpoints < 0) throw",
  ),
  hole(
    "an outside effect runs before the inbox is asked",
    "unit/effects",
    "await this.#context.inbox.requireNew(this.#reads);",
    "",
  ),
  hole(
    "an event is known by its id alone",
    "inbox/inbox",
    "if (isOfOther(entry, this.event)) {",
    "if (this.event.id === undefined) {",
  ),
  hole(
    "two sources give out the same ids",
    "inbox/identity",
    "nameBasedId([source, id, consumer, index])",
    "nameBasedId([id, consumer, index])",
  ),
  hole(
    "two versions of an event are two events",
    "inbox/identity",
    "return type === other ||",
    "return type === other; return",
  ),
  hole(
    "the order of keys makes another event",
    "inbox/identity",
    "digest(JSON.stringify(data, sortKeys) ??",
    "digest(JSON.stringify(data) ??",
  ),
  hole("an item is read as it was", "table/read-items", "Key: marshall(key), ConsistentRead: true", "Key: marshall(key)"),
  hole("items of a batch are read as they were", "table/read-items", "Keys: left, ConsistentRead: true", "Keys: left"),
  hole("a duplicate is not marked as published", "inbox/inbox", "SET published = :true", "SET publishes = :true"),
  hole("an item that was deleted and made again passes for the one before", "unit/writes", `=== 0 ? Date.now()`, `=== 0 ? 1`),
  hole(
    "a put over an item that was not read is tried again",
    "unit/transaction",
    'return write.kind !== "add" && write.unread ? unreadError(write.key) : changed();',
    "return changed();",
  ),
  hole(
    "an event is given up before the inbox is asked",
    "record/settle",
    "if (handled) return await settleHandled(context, attempted, handled);",
    "",
  ),
  hole(
    "what a dead event has stored at a checkpoint is not published",
    "record/settle",
    "await publishOutgoing(context, stored).catch(() => undefined);",
    "",
  ),
  hole(
    "an AWS call may outlive the invocation",
    "lambda/bounded-clients",
    "beforeAbort(signal,",
    "beforeAbort(new AbortController().signal,",
  ),
  hole("a message that could not be sent again passes for sent", "record/retry", "() => false,", "() => true,"),
];
