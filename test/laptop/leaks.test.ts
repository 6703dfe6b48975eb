import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect, test } from "vitest";
import * as v from "valibot";
import {
  clientConfig,
  codeFolder,
  lambda,
  openToTopics,
  rawSubscription,
  runCloud,
  writeAssembly,
} from "../support/cloud-support.ts";

const EVENTS = { warmUp: 2_000, measured: 4_000 };

/** Bytes of each event's thousand. What the activity log remembers is bounded, and full after the first events; V8 still compiles. */
const MOST_KEPT_OF_EVENT = 250;

setFlagsFromString("--expose-gc");
const collectGarbage = v.parse(v.function(), runInNewContext("gc"));

/** Bytes in use on this thread's heap, without garbage. */
function bytesInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test("nothing is kept of an event that a function has handled", { timeout: 120_000 }, async () => {
  const cloud = await runCloud({
    assembly: writeAssembly(
      {
        shop: {
          Resources: {
            Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: "events" } },
            Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "work" } },
            Policy: openToTopics("Queue"),
            Subscription: rawSubscription(),
            Worker: lambda("worker", "code"),
            Mapping: {
              Type: "AWS::Lambda::EventSourceMapping",
              Properties: {
                EventSourceArn: { "Fn::GetAtt": ["Queue", "Arn"] },
                FunctionName: { Ref: "Worker" },
                BatchSize: 10,
              },
            },
          },
        },
      },
      { code: codeFolder("export const handler = async ({ Records }) => console.log(Records.length);") },
    ),
  });
  const sns = new SNSClient(clientConfig(cloud));
  const publish = async (events: number) => {
    for (let published = 0; published < events; published += 10) {
      const entries = Array.from({ length: 10 }, (_, index) => ({
        Id: String(index),
        Message: `${published + index} `.padEnd(1_000, "x"),
      }));
      await sns.send(
        new PublishBatchCommand({ TopicArn: "arn:aws:sns:us-east-1:000000000000:events", PublishBatchRequestEntries: entries }),
      );
    }
    await cloud.settled(60_000);
  };
  await publish(EVENTS.warmUp);
  const before = bytesInUse();
  await publish(EVENTS.measured);
  const keptOfEach = (bytesInUse() - before) / EVENTS.measured;

  expect((await cloud.status()).functions).toMatchObject([{ errors: 0, running: 0 }]);
  expect(keptOfEach).toBeLessThan(MOST_KEPT_OF_EVENT);
});
