import { type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import type { ServiceDefinition } from "#lib/contracts/index.ts";

const remembering = v.object({ pk: v.string(), inbox: v.optional(v.array(v.object({ id: v.string() })), []) });

/** The ids of the events that a service has handled, by what its table has of the inbox: records, and entries in items. */
export async function handledEvents(
  dynamodb: DynamoDBClient,
  table: string,
  { name }: Pick<ServiceDefinition, "name">,
): Promise<Set<string>> {
  const records = `inbox#${name}#`;
  const ids = new Set<string>();
  const scan = { TableName: table, ProjectionExpression: "pk, inbox", ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, scan)) {
    for (const item of Items) {
      const { pk, inbox } = v.parse(remembering, unmarshall(item));
      if (pk.startsWith(records)) ids.add(pk.slice(records.length));
      for (const { id } of inbox) ids.add(id);
    }
  }
  return ids;
}
