import { AwsSolutionsChecks } from "cdk-nag";
import { watchedBy } from "./cloudwatch/alarm-state.ts";
import { describe, expect, test } from "vitest";
import { functionVariables } from "#lib/contracts/function-variables.ts";
import { defineEvent, defineService, defineTopic, upcastFrom } from "#lib/contracts/index.ts";
import { arnOf, at, event, queueArn, resource, resources, sold, synthesize } from "./fixture.ts";

const moves = defineTopic({ name: "moves", description: "What is moved, in order.", fifo: true });
const moved = event(moves, "item.moved.v1");
const movedAgain = defineEvent({ ...moved, type: "item.moved.v2", upcasts: [upcastFrom(moved, (data) => data)] });

/** A service whose queue is FIFO, and which publishes in order too. */
const tracker = defineService("tracker", "Tracks.", { consumes: [movedAgain], publishes: [moved], owns: [] });

/** A service with one standard queue for both kinds of topics. */
const counter = defineService("counter", "Counts.", { consumes: [moved, sold], publishes: [], owns: [], unordered: true });

const { app, template } = synthesize({ customerKey: "true" }, [tracker, counter]);
const ordered = template("tracker");
const orderedCode = template("tracker-function");
const unordered = template("counter");
const highThroughput = {
  FifoQueue: true,
  DeduplicationScope: "messageGroup",
  FifoThroughputLimit: "perMessageGroupId",
};

describe("a FIFO topic", () => {
  const topic = resource(template("backbone"), "AWS::SNS::Topic", { TopicName: "fanfare-dev-moves.fifo" });

  test("takes copies for copies by the publisher's id within a group, and has no limit of its own", () => {
    expect(topic).toMatchObject({ FifoTopic: true, FifoThroughputScope: "MessageGroup" });
    expect(topic["ContentBasedDeduplication"]).toBeUndefined();
  });

  test("is found under its name in the contract", () => {
    const parameter = resource(template("backbone"), "AWS::SSM::Parameter", { Value: { Ref: topic.id } });
    expect(parameter["Name"]).toBe("/fanfare/dev/topics/moves");
  });

  test("may use the key of the queues that it delivers to", () => {
    const policy = resource(template("backbone"), "AWS::KMS::Key", {})["KeyPolicy"];
    expect(JSON.stringify(policy)).toContain(':fanfare-dev-moves.fifo"');
  });
});

describe("a service that keeps order", () => {
  const queue = resource(ordered, "AWS::SQS::Queue", { QueueName: "fanfare-dev-tracker.fifo" });
  const deadLetters = resource(ordered, "AWS::SQS::Queue", { QueueName: "fanfare-dev-tracker-dlq.fifo" });
  const undelivered = resource(ordered, "AWS::SQS::Queue", { QueueName: "fanfare-dev-tracker-moves-undelivered.fifo" });

  test("has FIFO queues without limits of their own, and only such dead-letter queues", () => {
    for (const found of [queue, deadLetters, undelivered]) expect(found).toMatchObject(highThroughput);
    expect(resources(ordered, "AWS::SQS::Queue").size).toBe(3);
    // Ten for each record of a batch: those in which a record was held up are not its own.
    expect(queue["RedrivePolicy"]).toEqual({ deadLetterTargetArn: arnOf(deadLetters.id), maxReceiveCount: 1_000 });
    expect(JSON.stringify(at(deadLetters, "RedriveAllowPolicy", "sourceQueueArns"))).toContain(':fanfare-dev-tracker.fifo"');
    const subscription = resource(ordered, "AWS::SNS::Subscription", {});
    expect(subscription["RedrivePolicy"]).toEqual({ deadLetterTargetArn: arnOf(undelivered.id) });
  });

  test("gets its records without a window, ten at the most", () => {
    const mapping = resource(orderedCode, "AWS::Lambda::EventSourceMapping", {});
    expect(mapping["EventSourceArn"]).toEqual(queueArn("fanfare-dev-tracker.fifo"));
    expect(mapping["BatchSize"]).toBe(10);
    expect(mapping["MaximumBatchingWindowInSeconds"]).toBeUndefined();
  });

  test("has a table, a function, a stack and alarms of its plain name, and alarms that watch the FIFO queues", () => {
    resource(ordered, "AWS::DynamoDB::Table", { TableName: "fanfare-dev-tracker" });
    const consumer = resource(orderedCode, "AWS::Lambda::Function", { FunctionName: "fanfare-dev-tracker" });
    expect(at(consumer, "Environment", "Variables", functionVariables.queueUrl)).toEqual({ Ref: "QueueUrl" });
    const alarms = [...resources(ordered, "AWS::CloudWatch::Alarm").values()];
    const watched = alarms.map((alarm) => [alarm["AlarmName"], watchedBy(alarm)[0]?.names[0]]);
    expect(Object.fromEntries(watched)).toMatchObject({
      "fanfare-dev-tracker-dead-letters": "fanfare-dev-tracker-dlq.fifo",
      "fanfare-dev-tracker-moves-undelivered": "fanfare-dev-tracker-moves-undelivered.fifo",
      "fanfare-dev-tracker-old-messages": "fanfare-dev-tracker.fifo",
    });
  });
});

describe("a service that consumes from a FIFO topic and keeps no order", () => {
  test("has a standard queue, and a FIFO one for what SNS cannot deliver from that topic", () => {
    const queues = [...resources(unordered, "AWS::SQS::Queue").values()].map(({ QueueName, FifoQueue }) => [
      QueueName,
      FifoQueue,
    ]);
    expect(queues).toEqual([
      ["fanfare-dev-counter-dlq", undefined],
      ["fanfare-dev-counter", undefined],
      ["fanfare-dev-counter-moves-undelivered.fifo", true],
      ["fanfare-dev-counter-sales-undelivered", undefined],
    ]);
  });
});

test("a service's queue receives the older versions that the service understands", () => {
  expect(resource(ordered, "AWS::SNS::Subscription", {})["FilterPolicy"]).toEqual({ type: ["item.moved.v2", "item.moved.v1"] });
});

test("the dashboard shows FIFO topics and queues by their whole names", () => {
  const [dashboard] = resources(template("operations"), "AWS::CloudWatch::Dashboard").values();
  const body = JSON.stringify(dashboard?.["DashboardBody"]);
  for (const name of ["moves", "tracker", "tracker-dlq", "tracker-moves-undelivered", "counter-moves-undelivered"]) {
    expect(body).toContain(`\\"fanfare-dev-${name}.fifo\\"`);
  }
});

test("cdk-nag has nothing against FIFO topics and queues", () => {
  expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
});
