import { CloudError } from "../../shared/errors.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { isRecord } from "../../shared/json.ts";
import { tableArn } from "./table-arn.ts";
import type { Backups } from "./backups.ts";
import type { DynamoDbUpstream } from "./engine/upstream.ts";
import type { TableApi } from "./table-api.ts";
import type { Properties } from "../../cloudformation/properties.ts";
import { created, physicalName, type Created, type Resource } from "../../cloudformation/resource.ts";
import type { Policies } from "../../iam/policies.ts";
import type { Service } from "../service.ts";

/** Properties that CreateTable has by the same name and shape. */
const TABLE_PROPERTIES = [
  "AttributeDefinitions",
  "KeySchema",
  "BillingMode",
  "ProvisionedThroughput",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
  "DeletionProtectionEnabled",
  "Tags",
];
const LONGEST_NAME = 255;

/** What tables are made with. */
export interface Making {
  readonly upstream: DynamoDbUpstream;
  readonly tables: TableApi;
  readonly backups: Backups;
  readonly policies: Policies;
}

/** Tables with their indexes, stream and time to live. */
export function dynamodbResources(making: Making): Service["resources"] {
  return {
    "AWS::DynamoDB::Table": (resource) => table(resource, making),
    "AWS::DynamoDB::GlobalTable": (resource) => globalTable(resource, making),
  };
}

async function table(resource: Resource, making: Making): Promise<Created> {
  const { properties } = resource;
  const own = TABLE_PROPERTIES.map((property): [string, unknown] => [property, properties.raw(property)]);
  const settings = Object.fromEntries(own.filter(([, value]) => value !== undefined));
  return setUp(settings, properties.group("PointInTimeRecoverySpecification"), resource, making);
}

/** A table with replicas, of which one is here. What a replica may have for itself is taken from the first. */
async function globalTable(resource: Resource, making: Making): Promise<Created> {
  const { properties } = resource;
  const [replica] = properties.groups("Replicas");
  const indexes = properties.list("GlobalSecondaryIndexes").filter(isRecord);
  const settings = {
    AttributeDefinitions: properties.raw("AttributeDefinitions"),
    KeySchema: properties.raw("KeySchema"),
    // Its capacity is written in a form of its own, and limits nothing here.
    BillingMode: "PAY_PER_REQUEST",
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
    }),
    ...(properties.raw("LocalSecondaryIndexes") !== undefined && {
      LocalSecondaryIndexes: properties.raw("LocalSecondaryIndexes"),
    }),
    DeletionProtectionEnabled: replica?.flag("DeletionProtectionEnabled") ?? false,
  };
  return setUp(settings, replica?.group("PointInTimeRecoverySpecification"), resource, making);
}

/** @param settings what CreateTable is told beside the name and the stream */
async function setUp(
  settings: Readonly<Record<string, unknown>>,
  recovery: Properties | undefined,
  resource: Resource,
  making: Making,
): Promise<Created> {
  const { upstream, tables, backups, policies } = making;
  const name = physicalName(resource, "TableName", LONGEST_NAME);
  const specification = streamSpecification(resource);
  const description = await createOrUpdate(tables, { TableName: name, ...settings, ...specification });
  await setTimeToLive(upstream, name, resource);
  if (recovery?.flag("PointInTimeRecoveryEnabled")) backups.enablePointInTimeRecovery(name);
  const [owner = resource.properties] = resource.properties.groups("Replicas");
  const policy = owner.group("ResourcePolicy").raw("PolicyDocument");
  if (policy !== undefined) policies.setResourcePolicy(tableArn(name), policy, resource);
  if (resource.properties.raw("KinesisStreamSpecification") !== undefined) {
    resource.report("its changes do not go to Kinesis; its own stream works");
  }
  const attributes = { Arn: tableArn(name), TableId: description["TableId"] };
  const { LatestStreamArn: streamArn } = description;
  return created(name, streamArn === undefined ? attributes : { ...attributes, StreamArn: streamArn });
}

/** The API wants to be told that a stream is on; a template says so by having one. A global table's is of both images by default. */
function streamSpecification({ type, properties }: Resource): Record<string, unknown> {
  const stream = properties.raw("StreamSpecification");
  if (!isRecord(stream)) return {};
  const fallback = type === "AWS::DynamoDB::GlobalTable" ? { StreamViewType: "NEW_AND_OLD_IMAGES" } : {};
  const { StreamViewType: view } = { ...fallback, ...stream };
  return { StreamSpecification: { StreamEnabled: true, StreamViewType: view } };
}

async function createOrUpdate(
  tables: TableApi,
  creation: { readonly TableName: string } & Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  try {
    return await tables.describe("CreateTable", creation);
  } catch (error) {
    if (!(error instanceof AwsError && error.code === "ResourceInUseException")) throw error;
  }
  const name = creation.TableName;
  const known = await tables.describe("DescribeTable", { TableName: name });
  if (keyOf(known["KeySchema"]) !== keyOf(creation["KeySchema"])) {
    throw new CloudError(
      `Table ${name} has another key in the template than in the kept state. Start without --persist, or in another folder.`,
    );
  }
  await addIndexes(tables, creation, known);
  return updateStream(tables, creation, known);
}

/** DynamoDB adds one index per call. */
async function addIndexes(
  tables: TableApi,
  creation: Readonly<Record<string, unknown>>,
  known: Record<string, unknown>,
): Promise<void> {
  const existing = new Set(indexNames(known["GlobalSecondaryIndexes"]));
  const wanted = creation["GlobalSecondaryIndexes"];
  for (const index of Array.isArray(wanted) ? wanted.filter(isRecord) : []) {
    if (existing.has(String(index["IndexName"]))) continue;
    await tables.run("UpdateTable", {
      TableName: creation["TableName"],
      AttributeDefinitions: creation["AttributeDefinitions"],
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
  }
}

/** Brings a kept table's stream to what its template says. DynamoDB changes a stream's view by turning it off and on. */
async function updateStream(
  tables: TableApi,
  { TableName: name, StreamSpecification: wanted }: Readonly<Record<string, unknown>>,
  known: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (viewOf(wanted) === viewOf(known["StreamSpecification"])) return known;
  const update = (specification: unknown) =>
    tables.describe("UpdateTable", { TableName: name, StreamSpecification: specification });
  const off = viewOf(known["StreamSpecification"]) === undefined ? known : await update({ StreamEnabled: false });
  return wanted === undefined ? off : update(wanted);
}

function viewOf(specification: unknown): unknown {
  return isRecord(specification) && specification["StreamEnabled"] === true ? specification["StreamViewType"] : undefined;
}

async function setTimeToLive(upstream: DynamoDbUpstream, name: string, { properties }: Resource): Promise<void> {
  const specification = properties.raw("TimeToLiveSpecification");
  if (!isRecord(specification)) return;
  const { TimeToLiveDescription: known } = await upstream.call("DescribeTimeToLive", { TableName: name });
  const enabled = isRecord(known) && known["TimeToLiveStatus"] === "ENABLED";
  // DynamoDB refuses to turn on what is on, and to turn off what is off.
  if (enabled === properties.group("TimeToLiveSpecification").flag("Enabled")) return;
  await upstream.call("UpdateTimeToLive", { TableName: name, TimeToLiveSpecification: specification });
}

/** `pk HASH, sk RANGE`. */
function keyOf(schema: unknown): string {
  const keys = Array.isArray(schema) ? schema.filter(isRecord) : [];
  return keys.map((key) => `${String(key["AttributeName"])} ${String(key["KeyType"])}`).join(", ");
}

function indexNames(indexes: unknown): string[] {
  return Array.isArray(indexes) ? indexes.filter(isRecord).map((index) => String(index["IndexName"])) : [];
}
