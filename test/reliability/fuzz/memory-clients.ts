import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { SendMessageCommand, type SendMessageCommandInput } from "@aws-sdk/client-sqs";
import type { Clients } from "#lib/runtime/lambda/clients.ts";

type Item = NonNullable<NonNullable<TransactWriteItem["Put"]>["Item"]>;

/** What one batch left behind. */
export interface Traces {
  /** Every item that was put, in order. */
  readonly puts: readonly Item[];
  /** Every message that was sent to a queue. */
  readonly sent: readonly SendMessageCommandInput[];
}

/** A table, a topic and queues that live as long as a batch: enough of them for a consumer that puts items. */
export function memoryClients(): { clients: Clients; traces: Traces } {
  const items = new Map<string, Item>();
  const puts: Item[] = [];
  const sent: SendMessageCommandInput[] = [];
  const send = async (command: object): Promise<object> => {
    if (command instanceof TransactWriteItemsCommand) return commit(command.input.TransactItems ?? [], items, puts);
    if (command instanceof PutItemCommand) return put(command.input, items, puts);
    if (command instanceof GetItemCommand) return { Item: items.get(keyText(command.input.Key ?? {})) };
    if (command instanceof SendMessageCommand) sent.push(command.input);
    if (command instanceof PublishBatchCommand)
      return { Successful: command.input.PublishBatchRequestEntries?.map(({ Id }) => ({ Id, MessageId: `published-${Id}` })) };
    return {};
  };
  const client = { send };
  return { clients: { dynamodb: client, sns: client, sqs: client }, traces: { puts, sent } };
}

/** Puts one item, under the same condition as {@link commit}. */
function put(input: PutItemCommandInput, items: Map<string, Item>, puts: Item[]): object {
  const { Item = {}, ConditionExpression } = input;
  const known = items.get(keyText(Item));
  if (known && ConditionExpression)
    throw new ConditionalCheckFailedException({ message: "refused", $metadata: {}, Item: known });
  items.set(keyText(Item), Item);
  puts.push(Item);
  return {};
}

/** Puts all or none; the one condition that it knows is that an item is new. */
function commit(actions: readonly TransactWriteItem[], items: Map<string, Item>, puts: Item[]): object {
  const all = actions.map(({ Put }) => Put).filter((put) => put !== undefined);
  const reasons = all.map(({ Item = {}, ConditionExpression }) => {
    const known = items.get(keyText(Item));
    return known && ConditionExpression ? { Code: "ConditionalCheckFailed", Item: known } : { Code: "None" };
  });
  if (reasons.some(({ Code }) => Code !== "None"))
    throw new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons: reasons });
  for (const { Item = {} } of all) {
    items.set(keyText(Item), Item);
    puts.push(Item);
  }
  return {};
}

function keyText({ pk, sk }: Item): string {
  return JSON.stringify([pk?.S, sk?.S]);
}
