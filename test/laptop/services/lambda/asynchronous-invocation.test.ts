import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { describe, expect, test } from "vitest";
import type { Cloud } from "#lib/laptop/index.ts";
import {
  clientConfig,
  codeFolder,
  lambda,
  runCloud,
  writeAssembly,
  type TestTemplate,
} from "../../../support/cloud-support.ts";
import { settle } from "../../../support/settle.ts";

const WORKER_ARN = "arn:aws:lambda:us-east-1:000000000000:function:worker";

/** Fails as often as the event says, then gives the event back. */
const FAILING = `
  let attempts = 0;
  export const handler = async (event, { awsRequestId }) => {
    attempts += 1;
    console.log(awsRequestId);
    if (attempts <= (event.failures ?? 0)) throw new RangeError("attempt " + attempts);
    return { attempts };
  };`;

const queue = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });
const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

/** A cloud with the function `worker`, and what else is given. */
function runWorker(
  resources: NonNullable<TestTemplate["Resources"]>,
  source = FAILING,
  properties: object = {},
): Promise<Cloud> {
  const worker = lambda("worker", "code");
  const Worker = { ...worker, Properties: { ...worker.Properties, ...properties } };
  return runCloud({ assembly: writeAssembly({ shop: { Resources: { Worker, ...resources } } }, { code: codeFolder(source) }) });
}

function invokeConfig(properties: object) {
  return {
    Type: "AWS::Lambda::EventInvokeConfig",
    Properties: { FunctionName: { Ref: "Worker" }, Qualifier: "$LATEST", ...properties },
  };
}

async function invoke(cloud: Cloud, event: object, FunctionName = "worker") {
  const command = new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: JSON.stringify(event) });
  return new LambdaClient(clientConfig(cloud)).send(command);
}

function onlyMessage(cloud: Cloud, name: string): unknown {
  const { messages } = cloud.queues.look(name);
  expect(messages).toHaveLength(1);
  return JSON.parse(messages[0]?.body ?? "");
}

const notices = (cloud: Cloud) => cloud.activity.recent().flatMap((it) => (it.kind === "notice" ? [it.line] : []));
const lines = (cloud: Cloud) =>
  cloud.activity.recent().flatMap((it) => (it.kind === "log" && !it.line.includes("ERROR") ? [it.line] : []));

describe("an event", () => {
  test("is accepted before it is handled, and a failure is tried again twice under the same request id", async () => {
    const cloud = await runWorker({});
    const { StatusCode, Payload } = await invoke(cloud, { failures: 2 });
    expect([StatusCode, Buffer.from(Payload ?? []).toString()]).toEqual([202, ""]);
    await settle(cloud);
    expect((await cloud.status()).functions).toMatchObject([{ invocations: 3, errors: 2 }]);
    expect(new Set(lines(cloud)).size).toBe(1);
    expect(notices(cloud)).toEqual([]);
  });

  test("waits a minute for its first retry unless it is hurried", async () => {
    const cloud = await runWorker({});
    await invoke(cloud, { failures: 1 });
    await expect(cloud.settled(500)).rejects.toThrow("worker has 1 asynchronous events to handle or to try again");
    expect((await cloud.status()).functions).toMatchObject([{ invocations: 1, errors: 1 }]);
    cloud.skipWaits();
    await cloud.settled(10_000);
    expect((await cloud.status()).functions).toMatchObject([{ invocations: 2, errors: 1 }]);
  });

  test("that nobody takes is dropped after its attempts, with a notice", async () => {
    const cloud = await runWorker({});
    await invoke(cloud, { failures: 9 });
    await settle(cloud);
    expect(notices(cloud)).toEqual(["worker: an asynchronous event was dropped after 3 attempts: attempt 3"]);
  });

  test("is tried as often as the configuration says, and then goes to the dead-letter queue with its reason", async () => {
    const cloud = await runWorker({ Dead: queue("dead"), Config: invokeConfig({ MaximumRetryAttempts: 0 }) }, FAILING, {
      DeadLetterConfig: { TargetArn: arnOf("Dead") },
    });
    await invoke(cloud, { failures: 9, order: 1 });
    await settle(cloud);
    expect(onlyMessage(cloud, "dead")).toEqual({ failures: 9, order: 1 });
    expect(cloud.queues.look("dead").messages[0]?.messageAttributes).toMatchObject({
      RequestID: { StringValue: lines(cloud)[0] },
      ErrorCode: { StringValue: "200" },
      ErrorMessage: { StringValue: "attempt 1" },
    });
  });

  test("that would be too old for its retry is given up", async () => {
    const cloud = await runWorker({
      Failed: queue("failed"),
      Config: invokeConfig({
        MaximumEventAgeInSeconds: 60,
        DestinationConfig: { OnFailure: { Destination: arnOf("Failed") } },
      }),
    });
    await invoke(cloud, { failures: 9 });
    await settle(cloud);
    expect(onlyMessage(cloud, "failed")).toMatchObject({
      requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 1 },
    });
  });

  test("over a megabyte is refused", async () => {
    const cloud = await runWorker({});
    await expect(invoke(cloud, { text: "x".repeat(1_100_000) })).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
  });
});

describe("a destination gets the record", () => {
  test("of a success", async () => {
    const destination = { DestinationConfig: { OnSuccess: { Destination: arnOf("Done") } } };
    const cloud = await runWorker({ Done: queue("done"), Config: invokeConfig(destination) });
    await invoke(cloud, { order: 1 });
    await settle(cloud);
    expect(onlyMessage(cloud, "done")).toEqual({
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      requestContext: {
        requestId: lines(cloud)[0],
        functionArn: `${WORKER_ARN}:$LATEST`,
        condition: "Success",
        approximateInvokeCount: 1,
      },
      requestPayload: { order: 1 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST" },
      responsePayload: { attempts: 1 },
    });
  });

  test("of a failure, in a topic", async () => {
    const cloud = await runWorker({
      Failed: queue("failed"),
      Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "failures" } },
      Policy: {
        Type: "AWS::SQS::QueuePolicy",
        Properties: {
          Queues: [{ Ref: "Failed" }],
          PolicyDocument: {
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "sns.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: arnOf("Failed"),
              },
            ],
          },
        },
      },
      Subscription: {
        Type: "AWS::SNS::Subscription",
        Properties: { Protocol: "sqs", TopicArn: { Ref: "Topic" }, Endpoint: arnOf("Failed"), RawMessageDelivery: true },
      },
      Config: invokeConfig({ DestinationConfig: { OnFailure: { Destination: { Ref: "Topic" } } } }),
    });
    await invoke(cloud, { failures: 9 });
    await settle(cloud);
    expect(onlyMessage(cloud, "failed")).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
      requestPayload: { failures: 9 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorType: "RangeError", errorMessage: "attempt 3" },
    });
  });

  test("in another function", async () => {
    const cloud = await runWorker(
      {
        Next: lambda("next", "code"),
        Config: invokeConfig({ DestinationConfig: { OnSuccess: { Destination: arnOf("Next") } } }),
      },
      "export const handler = async (event) => console.log(event.requestContext?.condition ?? 'first');",
    );
    await invoke(cloud, {});
    await settle(cloud);
    expect(lines(cloud)).toEqual(["first", "Success"]);
  });

  test("or it is said that it does not take it", async () => {
    const cloud = await runWorker({
      Config: invokeConfig({ DestinationConfig: { OnSuccess: { Destination: "arn:aws:sqs:us-east-1:000000000000:gone" } } }),
    });
    await invoke(cloud, {});
    await settle(cloud);
    expect(notices(cloud)).toEqual([expect.stringContaining("worker: arn:aws:sqs:us-east-1:000000000000:gone does not take")]);
  });

  test("by the configuration of the alias that was invoked", async () => {
    const cloud = await runWorker({
      Done: queue("done"),
      Version: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: "Worker" } } },
      Live: {
        Type: "AWS::Lambda::Alias",
        Properties: {
          FunctionName: { Ref: "Worker" },
          Name: "live",
          FunctionVersion: { "Fn::GetAtt": ["Version", "Version"] },
        },
      },
      Config: {
        ...invokeConfig({ Qualifier: "live", DestinationConfig: { OnSuccess: { Destination: arnOf("Done") } } }),
        DependsOn: "Live",
      },
    });
    await invoke(cloud, {});
    await invoke(cloud, { order: 2 }, "worker:live");
    await settle(cloud);
    expect(onlyMessage(cloud, "done")).toMatchObject({
      requestContext: { functionArn: `${WORKER_ARN}:live` },
      requestPayload: { order: 2 },
      responseContext: { executedVersion: "1" },
    });
  });
});

describe("a topic's message for a function", () => {
  const topic = {
    Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "orders" } },
    Dead: queue("undelivered"),
    DeadPolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [{ Ref: "Dead" }],
        PolicyDocument: {
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "sns.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: arnOf("Dead"),
            },
          ],
        },
      },
    },
  };
  const permission = {
    Type: "AWS::Lambda::Permission",
    Properties: {
      FunctionName: { Ref: "Worker" },
      Action: "lambda:InvokeFunction",
      Principal: "sns.amazonaws.com",
      SourceArn: { Ref: "Topic" },
    },
  };
  const subscription = (properties: object) => ({
    Type: "AWS::SNS::Subscription",
    Properties: {
      Protocol: "lambda",
      TopicArn: { Ref: "Topic" },
      Endpoint: arnOf("Worker"),
      RedrivePolicy: { deadLetterTargetArn: arnOf("Dead") },
      ...properties,
    },
  });
  const publish = (cloud: Cloud, type: string, Message = type) =>
    new SNSClient(clientConfig(cloud)).send(
      new PublishCommand({
        TopicArn: "arn:aws:sns:us-east-1:000000000000:orders",
        Subject: "News",
        Message,
        MessageAttributes: { type: { DataType: "String", StringValue: type } },
      }),
    );

  test("invokes it once its filter policy lets it through, in SNS's own shape", async () => {
    const cloud = await runWorker(
      { ...topic, permission, Subscription: subscription({ FilterPolicy: { type: ["order.placed.v1"] } }) },
      "export const handler = async (event) => console.log(JSON.stringify(event));",
    );
    const { MessageId } = await publish(cloud, "order.placed.v1");
    await publish(cloud, "order.cancelled.v1");
    await settle(cloud);
    expect(lines(cloud).map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        Records: [
          {
            EventSource: "aws:sns",
            EventVersion: "1.0",
            EventSubscriptionArn: expect.stringMatching(/^arn:aws:sns:us-east-1:000000000000:orders:/) as unknown,
            Sns: expect.objectContaining({
              Type: "Notification",
              MessageId,
              TopicArn: "arn:aws:sns:us-east-1:000000000000:orders",
              Subject: "News",
              Message: "order.placed.v1",
              MessageAttributes: { type: { Type: "String", Value: "order.placed.v1" } },
            }) as unknown,
          },
        ],
      },
    ]);
  });

  test("is filtered by its body where the subscription says so", async () => {
    const filter = { FilterPolicy: { total: [{ numeric: [">", 100] }] }, FilterPolicyScope: "MessageBody" };
    const cloud = await runWorker({ ...topic, permission, Subscription: subscription(filter) });
    await publish(cloud, "any", JSON.stringify({ total: 50 }));
    await publish(cloud, "any", JSON.stringify({ total: 500 }));
    await settle(cloud);
    expect((await cloud.status()).functions).toMatchObject([{ invocations: 1 }]);
  });

  test("is tried again where the function fails, and then is the function's own affair", async () => {
    const cloud = await runWorker(
      { ...topic, permission, Subscription: subscription({}) },
      "export const handler = async () => { throw new Error('no'); };",
    );
    await publish(cloud, "any");
    await settle(cloud);
    expect((await cloud.status()).functions).toMatchObject([{ invocations: 3 }]);
    expect(cloud.queues.look("undelivered").counts).toMatchObject({ ready: 0 });
  });

  test("goes to the subscription's dead-letter queue where the function does not let the topic invoke it", async () => {
    const cloud = await runWorker({ ...topic, Subscription: subscription({}) });
    await publish(cloud, "any");
    await settle(cloud);
    expect(onlyMessage(cloud, "undelivered")).toMatchObject({ Type: "Notification", Message: "any" });
    expect((await cloud.status()).functions).toMatchObject([{ invocations: 0 }]);
  });

  test("goes to the subscription's dead-letter queue where the function cannot run here", async () => {
    const python = {
      Type: "AWS::Lambda::Function",
      Properties: { FunctionName: "py", Runtime: "python3.13", Handler: "a.b", Code: {} },
    };
    const toPython = subscription({ Endpoint: arnOf("Python") });
    const may = { ...permission, Properties: { ...permission.Properties, FunctionName: { Ref: "Python" } } };
    const cloud = await runWorker({ ...topic, Python: python, may, Subscription: toPython });
    expect(cloud.missing).toMatchObject([
      { logicalId: "Python", consequence: expect.stringContaining("py is never invoked") as unknown },
    ]);
    await publish(cloud, "any");
    await settle(cloud);
    expect(onlyMessage(cloud, "undelivered")).toMatchObject({ Message: "any" });
  });
});
