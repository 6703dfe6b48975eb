import { join } from "node:path";
import { type App, Duration, RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { AttributeType, Billing, ProjectionType, StreamViewType, Table, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Key } from "aws-cdk-lib/aws-kms";
import {
  Code,
  FilterCriteria,
  FilterRule,
  Function as LambdaFunction,
  Runtime,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import { SqsDlq, SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";

const FUNCTIONS = join(import.meta.dirname, "functions");

/**
 * A table's stream fans out through a FIFO queue: every state that an order is in ends up in a second table, in order. The tables
 * are of both kinds, provisioned and on demand, with a local and a global index.
 */
export function ordersTableStream(app: App): void {
  const stack = new Stack(app, "OrdersTableStream");
  const orders = new TableV2(stack, "Orders", {
    partitionKey: { name: "orderId", type: AttributeType.STRING },
    billing: Billing.onDemand({ maxReadRequestUnits: 100 }),
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    timeToLiveAttribute: "expiresAt",
    globalSecondaryIndexes: [{ indexName: "by-customer", partitionKey: { name: "customer", type: AttributeType.STRING } }],
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const history = new Table(stack, "History", {
    partitionKey: { name: "orderId", type: AttributeType.STRING },
    sortKey: { name: "number", type: AttributeType.STRING },
    readCapacity: 5,
    writeCapacity: 5,
  });
  history.addLocalSecondaryIndex({
    indexName: "by-state",
    sortKey: { name: "state", type: AttributeType.STRING },
    projectionType: ProjectionType.KEYS_ONLY,
  });
  history.autoScaleReadCapacity({ minCapacity: 1, maxCapacity: 10 }).scaleOnUtilization({ targetUtilizationPercent: 70 });

  const key = new Key(stack, "Key", { enableKeyRotation: true });
  const dead = new Queue(stack, "Dead", { fifo: true });
  const changes = new Queue(stack, "Changes", {
    fifo: true,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    visibilityTimeout: Duration.seconds(60),
    deadLetterQueue: { queue: dead, maxReceiveCount: 3 },
  });
  const untold = new Queue(stack, "Untold");

  const tellChanges = new LambdaFunction(stack, "TellChanges", {
    runtime: Runtime.NODEJS_22_X,
    handler: "index.handler",
    code: Code.fromAsset(join(FUNCTIONS, "tell-changes")),
    timeout: Duration.seconds(10),
    environment: { QUEUE_URL: changes.queueUrl },
  });
  changes.grantSendMessages(tellChanges);
  orders.grantStreamRead(tellChanges);
  // What a DynamoEventSource writes; its type refuses a TableV2 under exactOptionalPropertyTypes.
  tellChanges.addEventSourceMapping("OrderChanges", {
    eventSourceArn: orders.tableStreamArn ?? "",
    startingPosition: StartingPosition.LATEST,
    batchSize: 10,
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    retryAttempts: 2,
    onFailure: new SqsDlq(untold),
    filters: [FilterCriteria.filter({ eventName: FilterRule.or("INSERT", "MODIFY") })],
  });

  const keepHistory = new LambdaFunction(stack, "KeepHistory", {
    runtime: Runtime.NODEJS_LATEST,
    handler: "index.handler",
    code: Code.fromAsset(join(FUNCTIONS, "keep-history")),
    timeout: Duration.seconds(10),
    environment: { TABLE_NAME: history.tableName },
  });
  history.grantWriteData(keepHistory);
  keepHistory.addEventSource(new SqsEventSource(changes, { batchSize: 10 }));
}
