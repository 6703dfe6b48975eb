/** A call of an API that the gateway takes, before anything is spoilt. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** A body by its parts, so that any of them can be spoilt. */
export type Body =
  | { readonly kind: "json"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: "form"; readonly value: Readonly<Record<string, string>> }
  | { readonly kind: "text"; readonly value: string };

/** Names that generated calls use; the healthy calls after them use others. */
const FUZZED = "fuzzed";
const TOPIC = `arn:aws:sns:us-east-1:000000000000:${FUZZED}`;
const QUEUE = `http://127.0.0.1/000000000000/${FUZZED}`;

const KEY = { pk: { S: "1" } };
const ATTRIBUTES = { type: { DataType: "String", StringValue: "x" } };

const INPUTS: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>> = {
  "DynamoDB_20120810.": {
    PutItem: { TableName: FUZZED, Item: { ...KEY, n: { N: "1" }, m: { M: { l: { L: [{ BOOL: true }] } } } } },
    GetItem: { TableName: FUZZED, Key: KEY, ConsistentRead: true },
    Query: {
      TableName: FUZZED,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: "1" } },
      Limit: 5,
    },
    Scan: { TableName: FUZZED, Limit: 5, ExclusiveStartKey: KEY },
    UpdateItem: {
      TableName: FUZZED,
      Key: KEY,
      UpdateExpression: "SET n = :n",
      ExpressionAttributeValues: { ":n": { N: "2" } },
    },
    TransactWriteItems: {
      ClientRequestToken: FUZZED,
      TransactItems: [{ Put: { TableName: FUZZED, Item: KEY, ConditionExpression: "attribute_not_exists(pk)" } }],
    },
    BatchWriteItem: { RequestItems: { [FUZZED]: [{ PutRequest: { Item: KEY } }] } },
    DescribeContinuousBackups: { TableName: FUZZED },
    ListTables: { Limit: 3 },
  },
  "AmazonSQS.": {
    SendMessage: { QueueUrl: QUEUE, MessageBody: "x", DelaySeconds: 0, MessageAttributes: ATTRIBUTES },
    SendMessageBatch: { QueueUrl: QUEUE, Entries: [{ Id: "1", MessageBody: "x", MessageAttributes: ATTRIBUTES }] },
    ReceiveMessage: { QueueUrl: QUEUE, AttributeNames: ["All"], MaxNumberOfMessages: 10, WaitTimeSeconds: 0 },
    DeleteMessageBatch: { QueueUrl: QUEUE, Entries: [{ Id: "1", ReceiptHandle: "x" }] },
    ChangeMessageVisibility: { QueueUrl: QUEUE, ReceiptHandle: "x", VisibilityTimeout: 1 },
    CreateQueue: { QueueName: "another", Attributes: { DelaySeconds: "1" }, tags: { a: "b" } },
    GetQueueAttributes: { QueueUrl: QUEUE, AttributeNames: ["All"] },
    TagQueue: { QueueUrl: QUEUE, Tags: { a: "b" } },
    ListQueues: { MaxResults: 5 },
  },
  "AmazonSSM.": {
    PutParameter: { Name: "/fuzzed", Value: "x", Type: "SecureString", Overwrite: true },
    GetParameters: { Names: ["/fuzzed"], WithDecryption: true },
    GetParametersByPath: { Path: "/", Recursive: true, MaxResults: 3, NextToken: "1" },
  },
};

const FORMS: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>> = {
  sns: [
    { Action: "Publish", TopicArn: TOPIC, Message: "x", Subject: "y" },
    {
      Action: "Publish",
      TopicArn: TOPIC,
      Message: "x",
      "MessageAttributes.entry.1.Name": "type",
      "MessageAttributes.entry.1.Value.DataType": "String",
      "MessageAttributes.entry.1.Value.StringValue": "x",
    },
    {
      Action: "PublishBatch",
      TopicArn: TOPIC,
      "PublishBatchRequestEntries.member.1.Id": "1",
      "PublishBatchRequestEntries.member.1.Message": "x",
    },
    { Action: "CreateTopic", Name: FUZZED, "Tags.member.1.Key": "a", "Tags.member.1.Value": "b" },
    { Action: "SetTopicAttributes", TopicArn: TOPIC, AttributeName: "DisplayName", AttributeValue: "x" },
    { Action: "ListSubscriptionsByTopic", TopicArn: TOPIC, NextToken: "1" },
  ],
  sqs: [
    { Action: "SendMessage", QueueUrl: QUEUE, MessageBody: "x", DelaySeconds: "0" },
    {
      Action: "SendMessageBatch",
      QueueUrl: QUEUE,
      "SendMessageBatchRequestEntry.1.Id": "1",
      "SendMessageBatchRequestEntry.1.MessageBody": "x",
      "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name": "type",
      "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType": "Binary",
      "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.BinaryValue": "AAEC",
    },
    { Action: "ReceiveMessage", QueueUrl: QUEUE, "AttributeName.1": "All", MaxNumberOfMessages: "10", WaitTimeSeconds: "0" },
    { Action: "GetQueueAttributes", QueueUrl: QUEUE, "AttributeName.1": "All" },
  ],
  sts: [{ Action: "GetCallerIdentity", Version: "2011-06-15" }],
};

const REST: readonly (readonly [service: string, method: string, path: string, body: Body])[] = [
  ["lambda", "POST", "/2015-03-31/functions/echo/invocations", { kind: "json", value: { a: 1 } }],
  ["lambda", "GET", "/2015-03-31/functions/echo/configuration", { kind: "text", value: "" }],
  [
    "ses",
    "POST",
    "/v2/email/outbound-emails",
    {
      kind: "json",
      value: {
        FromEmailAddress: "a@example.com",
        Destination: { ToAddresses: ["b@example.com"] },
        Content: { Simple: { Subject: { Data: "s" }, Body: { Text: { Data: "t" } } } },
      },
    },
  ],
  ["s3", "PUT", `/${FUZZED}/a/b%20c`, { kind: "text", value: "an object" }],
  ["s3", "GET", `/${FUZZED}/a/b%20c`, { kind: "text", value: "" }],
  ["s3", "GET", `/${FUZZED}?list-type=2&max-keys=3&prefix=a`, { kind: "text", value: "" }],
  ["s3", "POST", `/${FUZZED}?delete`, { kind: "text", value: "<Delete><Object><Key>a</Key></Object></Delete>" }],
  ["s3", "POST", `/${FUZZED}/big?uploads`, { kind: "text", value: "" }],
  ["s3", "PUT", `/${FUZZED}/big?partNumber=1&uploadId=none`, { kind: "text", value: "part" }],
  ["", "GET", "/_fanfare/status", { kind: "text", value: "" }],
  ["", "GET", "/_fanfare/mailbox", { kind: "text", value: "" }],
  // Without a rate it is no rule, so that no generated call sets one.
  ["", "POST", "/_fanfare/chaos", { kind: "json", value: { fault: "latency", milliseconds: 1 } }],
];

const targeted = Object.entries(INPUTS).flatMap(([prefix, operations]) =>
  Object.entries(operations).map(([operation, value]): Call => ({
    method: "POST",
    path: "/",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `${prefix}${operation}` },
    body: { kind: "json", value },
  })),
);

const forms = Object.entries(FORMS).flatMap(([service, all]) =>
  all.map((value): Call => ({
    method: "POST",
    path: "/",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", authorization: signature(service) },
    body: { kind: "form", value },
  })),
);

const rest = REST.map(([service, method, path, body]): Call => ({
  method,
  path,
  headers: service === "" ? {} : { authorization: signature(service) },
  body,
}));

/** Calls of every service, each valid. */
export const CALLS: readonly Call[] = [...targeted, ...forms, ...rest];

function signature(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}
