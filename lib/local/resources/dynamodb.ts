import { CloudError } from "../errors.ts";
import { AwsError } from "../http.ts";
import { isRecord } from "../json.ts";
import { tableArn, type DynamoDbService } from "../services/dynamodb.ts";
import {
  created,
  physicalName,
  reportMissing,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "./resource.ts";

/** Properties that CreateTable has by the same name and shape. */
const TABLE_PROPERTIES = [
  "AttributeDefinitions",
  "KeySchema",
  "BillingMode",
  "ProvisionedThroughput",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
  "DeletionProtectionEnabled",
];
const LONGEST_NAME = 255;

/** DynamoDB: tables with their indexes, stream and time to live. */
export const dynamodbResources: Readonly<Record<string, ResourceHandler>> = { "AWS::DynamoDB::Table": table };

async function table(resource: Resource, deployment: Deployment): Promise<Created> {
  const { dynamodb } = deployment;
  const { properties } = resource;
  const name = physicalName(resource, "TableName", LONGEST_NAME);
  const description = await createOrUpdate(dynamodb, name, resource);
  await setTimeToLive(dynamodb, name, resource);
  if (properties.group("PointInTimeRecoverySpecification").flag("PointInTimeRecoveryEnabled")) {
    dynamodb.enablePointInTimeRecovery(name);
  }
  if (properties.raw("StreamSpecification") !== undefined) {
    reportMissing(deployment, resource, "its stream can be read by the DynamoDB Streams API, but starts no function");
  }
  return created(name, { Arn: tableArn(name), StreamArn: description["LatestStreamArn"] });
}

async function createOrUpdate(dynamodb: DynamoDbService, name: string, resource: Resource): Promise<Record<string, unknown>> {
  try {
    return described(await dynamodb.upstream.call("CreateTable", creation(name, resource)), "TableDescription");
  } catch (error) {
    if (!(error instanceof AwsError && error.code === "ResourceInUseException")) throw error;
  }
  const known = described(await dynamodb.upstream.call("DescribeTable", { TableName: name }), "Table");
  if (keyOf(known["KeySchema"]) !== keyOf(resource.properties.raw("KeySchema"))) {
    throw new CloudError(
      `Table ${name} has another key in the template than in the kept state. Start without --persist, or in another folder.`,
    );
  }
  await addIndexes(dynamodb, name, resource, known);
  return known;
}

function creation(name: string, { properties }: Resource): Record<string, unknown> {
  const stream = properties.raw("StreamSpecification");
  const own = TABLE_PROPERTIES.map((property): [string, unknown] => [property, properties.raw(property)]);
  return {
    TableName: name,
    ...Object.fromEntries(own.filter(([, value]) => value !== undefined)),
    // The API wants to be told that a stream is on; a template says so by having one.
    ...(isRecord(stream) ? { StreamSpecification: { ...stream, StreamEnabled: true } } : {}),
  };
}

/** DynamoDB adds one index per call. */
async function addIndexes(
  dynamodb: DynamoDbService,
  name: string,
  { properties }: Resource,
  known: Record<string, unknown>,
): Promise<void> {
  const existing = new Set(indexNames(known["GlobalSecondaryIndexes"]));
  for (const index of properties.list("GlobalSecondaryIndexes").filter(isRecord)) {
    if (existing.has(String(index["IndexName"]))) continue;
    await dynamodb.upstream.call("UpdateTable", {
      TableName: name,
      AttributeDefinitions: properties.raw("AttributeDefinitions"),
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
  }
}

async function setTimeToLive(dynamodb: DynamoDbService, name: string, { properties }: Resource): Promise<void> {
  const specification = properties.raw("TimeToLiveSpecification");
  if (!isRecord(specification)) return;
  const { TimeToLiveDescription: known } = await dynamodb.upstream.call("DescribeTimeToLive", { TableName: name });
  // DynamoDB refuses to turn on what is on.
  if (isRecord(known) && known["AttributeName"] === specification["AttributeName"]) return;
  await dynamodb.upstream.call("UpdateTimeToLive", { TableName: name, TimeToLiveSpecification: specification });
}

/** `pk HASH, sk RANGE`. */
function keyOf(schema: unknown): string {
  const keys = Array.isArray(schema) ? schema.filter(isRecord) : [];
  return keys.map((key) => `${String(key["AttributeName"])} ${String(key["KeyType"])}`).join(", ");
}

function indexNames(indexes: unknown): string[] {
  return Array.isArray(indexes) ? indexes.filter(isRecord).map((index) => String(index["IndexName"])) : [];
}

function described(answer: Record<string, unknown>, member: string): Record<string, unknown> {
  const description = answer[member];
  return isRecord(description) ? description : {};
}
