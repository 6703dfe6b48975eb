import { EngineTransport } from "#lib/laptop/services/dynamodb/engine/socket-transport.ts";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { sampleTaken } from "../fixture/contract.ts";

/** Bare transactions under way at once. */
export const TRANSACTIONS_AT_ONCE = 16;

/** Transactions per second of the two items that a delivery of the fixture writes, handed to a separate engine without SDK, gateway or queue. */
export async function bareTransactions(count: number): Promise<number> {
  const engine = await startDynoxide({ onDeath: (reason) => console.error(reason) });
  const transport = new EngineTransport(engine.address);
  const call = async (operation: string, input: object) => {
    const { status, body } = await transport.send(`DynamoDB_20120810.${operation}`, JSON.stringify(input));
    if (status !== 200) throw new Error(`the engine refused ${operation}: ${body.toString()}`);
  };
  try {
    await call("CreateTable", table);
    let next = 0;
    const lane = async () => {
      while (next < count) await call("TransactWriteItems", transaction(next++));
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: TRANSACTIONS_AT_ONCE }, lane));
    return count / ((performance.now() - started) / 1_000);
  } finally {
    transport.close();
    await engine.stop();
  }
}

const table = {
  TableName: "bare",
  AttributeDefinitions: ["pk", "sk"].map((name) => ({ AttributeName: name, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  BillingMode: "PAY_PER_REQUEST",
};

/** What the runtime commits for an event of the fixture. */
function transaction(index: number): object {
  const put = (item: object) => ({
    Put: {
      TableName: "bare",
      Item: { sk: { S: "-" }, ...item },
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });
  return {
    TransactItems: [
      put({
        pk: { S: `inbox#bare#${crypto.randomUUID()}` },
        handledAt: { S: new Date().toISOString() },
        outgoing: { L: [] },
        expiresAt: { N: "1800000000" },
      }),
      put({
        pk: { S: `sample#${index}` },
        sampleId: { S: String(index) },
        text: { S: sampleTaken.example.text },
        version: { N: "1" },
      }),
    ],
  };
}
