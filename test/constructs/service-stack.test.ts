import { describe, expect, test } from "vitest";
import { MAX_RECEIVE_COUNT } from "#lib/constructs/queue/queue-settings.ts";
import { functionVariables } from "#lib/contracts/function-variables.ts";
import {
  arnOf,
  at,
  audit as auditDefinition,
  objects,
  type Properties,
  queueArn,
  resource,
  resources,
  synthesize,
} from "./fixture.ts";

const { template } = synthesize();
const shop = template("shop");
const audit = template("audit");
const shopCode = template("shop-function");
const auditCode = template("audit-function");

const queue = resource(shop, "AWS::SQS::Queue", { QueueName: "fanfare-dev-shop" });
const deadLetters = resource(shop, "AWS::SQS::Queue", { QueueName: "fanfare-dev-shop-dlq" });
const undelivered = resource(shop, "AWS::SQS::Queue", { QueueName: "fanfare-dev-shop-money-undelivered" });
const table = resource(shop, "AWS::DynamoDB::Table", { TableName: "fanfare-dev-shop" });
const logs = resource(shop, "AWS::Logs::LogGroup", { LogGroupName: "/fanfare/dev/shop" });
const consumer = resource(shopCode, "AWS::Lambda::Function", { FunctionName: "fanfare-dev-shop" });

describe("what a service receives", () => {
  test("is raw, and of the types that it consumes alone", () => {
    const subscriptions = [...resources(shop, "AWS::SNS::Subscription").values()];
    expect(subscriptions.map(({ TopicArn, FilterPolicy }) => ({ TopicArn, FilterPolicy }))).toEqual([
      { TopicArn: { Ref: "SalesTopicArn" }, FilterPolicy: { type: ["item.returned.v1"] } },
      { TopicArn: { Ref: "MoneyTopicArn" }, FilterPolicy: { type: ["bill.paid.v1"] } },
    ]);
    const delivery = { Endpoint: arnOf(queue.id), RawMessageDelivery: true, FilterPolicyScope: "MessageAttributes" };
    for (const subscription of subscriptions) expect(subscription).toMatchObject(delivery);
  });

  test("is kept by the subscription when SNS gives it up, for 14 days", () => {
    const subscription = resource(shop, "AWS::SNS::Subscription", { TopicArn: { Ref: "MoneyTopicArn" } });
    expect(subscription["RedrivePolicy"]).toEqual({ deadLetterTargetArn: arnOf(undelivered.id) });
    expect(undelivered["MessageRetentionPeriod"]).toBe(14 * 86_400);
  });

  test("comes from its own topics and from no other sender", () => {
    const allowed = (id: string) =>
      statements(resource(shop, "AWS::SQS::QueuePolicy", { Queues: [{ Ref: id }] }))
        .filter(({ Effect }) => Effect === "Allow")
        .map(({ Principal, Action, Condition }) => ({ Principal, Action, Condition }));
    const from = (topicArn: string) => ({
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Condition: { ArnEquals: { "aws:SourceArn": { Ref: topicArn } } },
    });
    expect(allowed(queue.id)).toEqual([from("SalesTopicArn"), from("MoneyTopicArn")]);
    expect(allowed(undelivered.id)).toEqual([from("MoneyTopicArn")]);
    expect(allowed(deadLetters.id)).toEqual([]);
  });
});

describe("a service's queues", () => {
  test("hide a message for six function timeouts", () => {
    expect([consumer["Timeout"], queue["VisibilityTimeout"]]).toEqual([30, 180]);
    const auditQueue = resource(audit, "AWS::SQS::Queue", { QueueName: "fanfare-dev-audit" });
    expect([auditDefinition.timeoutSeconds, auditQueue["VisibilityTimeout"]]).toEqual([10, 60]);
  });

  test("give a message up after five receives, to a dead-letter queue that keeps it longer and takes from no other queue", () => {
    expect(queue["RedrivePolicy"]).toEqual({ deadLetterTargetArn: arnOf(deadLetters.id), maxReceiveCount: MAX_RECEIVE_COUNT });
    expect([queue["MessageRetentionPeriod"], deadLetters["MessageRetentionPeriod"]]).toEqual([4 * 86_400, 14 * 86_400]);
    const allowed = deadLetters["RedriveAllowPolicy"];
    expect(at(allowed, "redrivePermission")).toBe("byQueue");
    expect(JSON.stringify(at(allowed, "sourceQueueArns"))).toContain(':fanfare-dev-shop"');
  });
});

describe("a service's function", () => {
  test("runs on Node 24 and arm64, out of its bundle, and logs into the service's own log group for a week", () => {
    expect(consumer).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      MemorySize: 512,
      Handler: "index.handler",
      LoggingConfig: { LogGroup: "/fanfare/dev/shop" },
    });
    expect(logs["RetentionInDays"]).toBe(7);
  });

  test("gets its queue's records in batches, answers for each, and runs side by side within bounds", () => {
    expect(resource(shopCode, "AWS::Lambda::EventSourceMapping", {})).toMatchObject({
      EventSourceArn: queueArn("fanfare-dev-shop"),
      FunctionName: { Ref: consumer.id },
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
    expect(resource(auditCode, "AWS::Lambda::EventSourceMapping", {})).toMatchObject({
      BatchSize: 5,
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test("finds what the runtime reads in its environment", () => {
    expect(at(consumer, "Environment", "Variables")).toEqual({
      [functionVariables.service]: "shop",
      [functionVariables.version]: expect.stringMatching(/^[0-9a-f]{12}$/),
      [functionVariables.stage]: "dev",
      [functionVariables.table]: "fanfare-dev-shop",
      [functionVariables.queueUrl]: { Ref: "QueueUrl" },
      [functionVariables.deadLetterQueueUrl]: { Ref: "DeadLetterQueueUrl" },
      [functionVariables.maxReceiveCount]: String(MAX_RECEIVE_COUNT),
      [functionVariables.inboxDays]: "32",
      [functionVariables.emailFrom]: "orders@shop.example",
      [functionVariables.logLevel]: "INFO",
      TOPIC_SALES: { Ref: "SalesTopicArn" },
      PROVIDER_URL: { Ref: "ProviderUrlSetting" },
      PROVIDER_KEY_PARAMETER: "/fanfare/dev/shop/PROVIDER_KEY",
    });
  });

  test("finds no more than its service asks for", () => {
    const [variables] = objects([at(resource(auditCode, "AWS::Lambda::Function", {}), "Environment", "Variables")]);
    const byWish = new Set<string>([
      functionVariables.emailFrom,
      functionVariables.tracesEndpoint,
      functionVariables.claimCheckBucket,
    ]);
    const always = Object.values(functionVariables).filter((name) => !byWish.has(name));
    expect(Object.keys(variables ?? {}).toSorted()).toEqual(always.toSorted());
  });

  test("may do single actions on single resources of its service, and publish where its service publishes", () => {
    expect(permissions(shopCode)).toEqual([
      [
        ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        queueArn("fanfare-dev-shop"),
      ],
      [["sqs:SendMessage"], queueArn("fanfare-dev-shop")],
      [["sqs:SendMessage"], queueArn("fanfare-dev-shop-dlq")],
      [
        ["BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"].map(
          (name) => `dynamodb:${name}`,
        ),
        arn("dynamodb", "table/fanfare-dev-shop"),
      ],
      [["sns:Publish"], { Ref: "SalesTopicArn" }],
      [["ssm:GetParameter"], arn("ssm", "parameter/fanfare/dev/shop/PROVIDER_KEY")],
      [["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", "log-group:/fanfare/dev/shop:*")],
      [["ses:SendEmail"], arn("ses", "identity/shop.example")],
    ]);
    const services = permissions(auditCode).flatMap(([actions]) => actions.map((action) => action.split(":")[0]));
    expect(new Set(services)).toEqual(new Set(["sqs", "dynamodb", "logs"]));
  });
});

describe("a service's table", () => {
  test("is on demand, restorable, and forgets what has expired", () => {
    expect(table).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    });
  });
});

describe("a service's stacks", () => {
  test("take what they need from SSM parameters, and nothing from another stack", () => {
    const topic = (name: string) => ["AWS::SSM::Parameter::Value<String>", `/fanfare/dev/topics/${name}`];
    const own = (name: string) => ["AWS::SSM::Parameter::Value<String>", `/fanfare/dev/shop/${name}`];
    expect(parametersOf(shop)).toEqual({ SalesTopicArn: topic("sales"), MoneyTopicArn: topic("money") });
    expect(parametersOf(shopCode)).toEqual({
      SalesTopicArn: topic("sales"),
      QueueUrl: own("queue-url"),
      DeadLetterQueueUrl: own("dead-letter-queue-url"),
      ProviderUrlSetting: own("PROVIDER_URL"),
    });
    for (const stack of [shop, shopCode])
      expect(JSON.stringify(stack.toJSON())).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput/);
  });

  test("hand the URLs of the queues on to the function", () => {
    for (const [name, { id }] of [
      ["queue-url", queue],
      ["dead-letter-queue-url", deadLetters],
    ] as const) {
      const parameter = resource(shop, "AWS::SSM::Parameter", { Name: `/fanfare/dev/shop/${name}` });
      expect(parameter["Value"]).toEqual({ Ref: id });
    }
  });

  test("tag what they own with application, stage and service", () => {
    const owned = ["AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Logs::LogGroup"];
    for (const properties of owned.flatMap((type) =>
      [shop, shopCode].flatMap((stack) => [...resources(stack, type).values()]),
    )) {
      expect(properties["Tags"]).toEqual([
        { Key: "application", Value: "fanfare" },
        { Key: "service", Value: "shop" },
        { Key: "stage", Value: "dev" },
      ]);
    }
  });
});

function parametersOf(stack: typeof shop): Record<string, unknown> {
  const parameters = Object.entries(stack.findParameters("*")).filter(([name]) => name !== "BootstrapVersion");
  return Object.fromEntries(parameters.map(([name, { Type, Default }]) => [name, [Type, Default]]));
}

function statements(policy: unknown): Properties[] {
  return objects(at(policy, "PolicyDocument", "Statement"));
}

/** The allowed actions and the resource of each statement of the stack's one role. */
function permissions(stack: typeof shop): [actions: string[], resource: unknown][] {
  const role = resource(stack, "AWS::IAM::Role", {});
  expect(role["ManagedPolicyArns"]).toBeUndefined();
  expect(resources(stack, "AWS::IAM::Policy").size).toBe(0);
  return objects(role["Policies"])
    .flatMap(statements)
    .map(({ Action, Resource }) => [[Action].flat().map(String).toSorted(), Resource]);
}

function arn(service: string, resource: string): unknown {
  const account = [{ Ref: "AWS::Region" }, ":", { Ref: "AWS::AccountId" }];
  return { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, `:${service}:`, ...account, `:${resource}`]] };
}
