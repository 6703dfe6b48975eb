import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { commit, type GuardedAction } from "#lib/runtime/table/commit.ts";
import { PermanentError, StateConflictError } from "#lib/runtime/errors.ts";
import { met } from "../workshop.ts";

/** All the time in the world. */
const TIME = { signal: new AbortController().signal, deadline: Infinity };

/** An action on an item that must not have changed. */
const action: GuardedAction = {
  action: { Put: { TableName: "workshop", Item: {} } },
  refused: () => new StateConflictError("an item changed"),
};

/** The action that guards the inbox. */
const guard: GuardedAction = {
  ...action,
  isGuard: true,
  refused: (record) => new Error(`handled before: ${record?.["handledAt"]?.S}`),
};

/** An action that the handler must not have asked for. */
const wrong: GuardedAction = { ...action, refused: () => new PermanentError("put without a read") };

/** A DynamoDB that fails the first calls with these errors, one after the other, and takes what comes after. */
function failing(...errors: readonly Error[]) {
  let calls = 0;
  const dynamodb = met(new DynamoDBClient({ region: "us-east-1" }), (command) => {
    if (!(command instanceof TransactWriteItemsCommand)) throw new Error("expected TransactWriteItems");
    const error = errors[calls++];
    if (error) throw error;
    return { $metadata: {} };
  });
  return { dynamodb, calls: () => calls };
}

function cancelled(...CancellationReasons: CancellationReason[]): TransactionCanceledException {
  return new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons });
}

const none = { Code: "None" };

describe("a transaction that DynamoDB cancels", () => {
  test("because of its first action is for that one's reason, with the item that was found, whatever else has changed", async () => {
    const found = { Code: "ConditionalCheckFailed", Item: { handledAt: { S: "before" } } };
    const { dynamodb } = failing(cancelled(found, { Code: "ConditionalCheckFailed" }));
    await expect(commit(dynamodb, [guard, action], TIME)).rejects.toThrow("handled before: before");
  });

  test("because an item changed is a conflict of state, even if the handler made a mistake too", async () => {
    const failed = { Code: "ConditionalCheckFailed" };
    const { dynamodb } = failing(cancelled(none, failed, failed));
    await expect(commit(dynamodb, [guard, wrong, action], TIME)).rejects.toThrow(StateConflictError);
  });

  test("because the handler seems to have made a mistake is a conflict of state while others hold an item", async () => {
    const { dynamodb } = failing(cancelled(none, { Code: "ConditionalCheckFailed" }, { Code: "TransactionConflict" }));
    await expect(commit(dynamodb, [guard, wrong, action], TIME)).rejects.toThrow(StateConflictError);
  });

  test("because the handler made a mistake is given up for that", async () => {
    const { dynamodb } = failing(cancelled(none, { Code: "ConditionalCheckFailed" }));
    await expect(commit(dynamodb, [guard, wrong], TIME)).rejects.toThrow("put without a read");
  });

  test("because an item changed is a conflict of state", async () => {
    const { dynamodb, calls } = failing(cancelled(none, { Code: "ConditionalCheckFailed" }, { Code: "TransactionConflict" }));
    await expect(commit(dynamodb, [guard, action, action], TIME)).rejects.toThrow(StateConflictError);
    expect(calls()).toBe(1);
  });

  test.each(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])(
    "for a reason that passes (%s) is tried again, and done",
    async (Code) => {
      const { dynamodb, calls } = failing(cancelled(none, { Code }), cancelled({ Code }, none));
      await commit(dynamodb, [guard, action], TIME);
      expect(calls()).toBe(3);
    },
  );

  test("for a reason that does not pass in six attempts is left for later", async () => {
    const conflicts = Array.from({ length: 6 }, () => cancelled(none, { Code: "TransactionConflict" }));
    const { dynamodb, calls } = failing(...conflicts);
    await expect(commit(dynamodb, [guard, action], TIME)).rejects.toThrow(TransactionCanceledException);
    expect(calls()).toBe(6);
  });

  test.each([
    ["ValidationError", "Item size has exceeded the maximum allowed size"],
    ["ItemCollectionSizeLimitExceeded", "Collection size exceeded."],
  ])("because an item can never be written (%s) is given up with DynamoDB's word for why", async (Code, Message) => {
    const { dynamodb, calls } = failing(cancelled(none, { Code, Message }));
    const committing = commit(dynamodb, [guard, action], TIME);
    await expect(committing).rejects.toThrow(PermanentError);
    await expect(committing).rejects.toThrow(`DynamoDB refused an item: ${Message}`);
    expect(calls()).toBe(1);
  });
});

test("a single put goes without a transaction, at half its price, and is refused for the same reasons", async () => {
  const sent: string[] = [];
  const answers = [
    new TransactionConflictException({ message: "a transaction holds it", $metadata: {} }),
    new ConditionalCheckFailedException({ message: "refused", $metadata: {}, Item: { handledAt: { S: "before" } } }),
  ];
  const dynamodb = met(new DynamoDBClient({ region: "us-east-1" }), (command) => {
    sent.push(command.constructor.name);
    throw answers[sent.length - 1]!;
  });

  await expect(commit(dynamodb, [guard], TIME)).rejects.toThrow("handled before: before");
  expect(sent).toEqual([PutItemCommand.name, PutItemCommand.name]);
});

test("a transaction that is invalid as a whole is given up", async () => {
  const { dynamodb } = failing(Object.assign(new Error("too many operators"), { name: "ValidationException" }));
  await expect(commit(dynamodb, [guard, action], TIME)).rejects.toThrow(
    new PermanentError("DynamoDB refused the transaction: too many operators"),
  );
});

test("a call that fails otherwise keeps its own error", async () => {
  const { dynamodb } = failing(new Error("no network"));
  await expect(commit(dynamodb, [guard, action], TIME)).rejects.toThrow("no network");
});

test("a transaction of over a hundred actions is refused before it is sent, and the way out is named", async () => {
  const { dynamodb, calls } = failing();
  await expect(
    commit(
      dynamodb,
      Array.from({ length: 101 }, () => action),
      TIME,
    ),
  ).rejects.toThrow(/101 actions; DynamoDB takes 100.*checkpoint/);
  expect(calls()).toBe(0);
});

test("no attempt is made once the handler's time is up, not even another one at a transaction that was refused", async () => {
  const time = new AbortController();
  const { dynamodb, calls } = failing(cancelled(none, { Code: "TransactionConflict" }));
  const slow = met(dynamodb, () => time.abort());

  await expect(commit(slow, [guard, action], { signal: time.signal, deadline: Infinity })).rejects.toThrow("time was up");
  expect(calls()).toBe(1);
});
