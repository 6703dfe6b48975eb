import { DeleteItemCommand, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";

/** A test file's own part of a stage: every id that it makes begins with this text. */
export type Run = string;

const key = v.object({ pk: v.string(), sk: v.string() });
const journalEntry = v.object({ eventId: v.string() });

/** What separates the parts of an item's key: `inbox#ledger#<event id>`, `effect#payments#payment:<order id>`. */
const SEPARATOR = /[#:]/;

/** The ids of the events that followed from a run's own, out of the ledger's table. Services have named them: they tell no run. */
export async function eventsOf(dynamodb: DynamoDBClient, ledgerTable: string, run: Run): Promise<Set<string>> {
  const scan = {
    TableName: ledgerTable,
    FilterExpression: "begins_with(correlationId, :run)",
    ExpressionAttributeValues: marshall({ ":run": run }),
    ConsistentRead: true,
  };
  const ids = new Set<string>();
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, scan)) {
    for (const item of Items) ids.add(v.parse(journalEntry, unmarshall(item)).eventId);
  }
  return ids;
}

/** The keys of a table's items that name an id of a run, or one of the events that followed from the run's own. */
export async function* tracesOf(dynamodb: DynamoDBClient, table: string, run: Run, events: ReadonlySet<string>) {
  const scan = { TableName: table, ProjectionExpression: "pk, sk", ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, scan)) {
    for (const item of Items) {
      const { pk, sk } = v.parse(key, unmarshall(item));
      const parts = `${pk}#${sk}`.split(SEPARATOR);
      if (parts.some((part) => part.startsWith(run) || events.has(part))) yield { pk, sk };
    }
  }
}

/** Deletes the items of {@link tracesOf}. */
export async function deleteTraces(
  dynamodb: DynamoDBClient,
  table: string,
  run: Run,
  events: ReadonlySet<string>,
): Promise<void> {
  for await (const trace of tracesOf(dynamodb, table, run, events)) {
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: marshall(trace) }));
  }
}
