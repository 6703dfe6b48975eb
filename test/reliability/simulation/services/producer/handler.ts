import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import * as shop from "#events";
import { createPublisher } from "#lib/runtime/index.ts";
import { s3ClaimCheck } from "#lib/runtime/publish/s3-claim-check.ts";
import { bulkSent, gaugeRead, probeSent, probeSent2, stepTaken } from "../events.ts";

const definitions = [...Object.values(shop), probeSent, probeSent2, gaugeRead, stepTaken, bulkSent];

/** What to publish: an event by its contract, or a body of a publisher who knows no contract. */
const request = v.variant("what", [
  v.object({ what: v.literal("event"), id: v.string(), time: v.string(), type: v.string(), data: v.unknown() }),
  v.object({ what: v.literal("body"), topic: v.string(), type: v.string(), body: v.string() }),
]);

const sns = new SNSClient({});
const topicArns = new Map(definitions.map(({ topic }) => [topic.name, topic.name]));
const publisher = createPublisher({ source: "shop", topicArns, sns, claimCheck: s3ClaimCheck() });

/** Publishes what each record asks for; what was not published comes back, under the same event id. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const published = await Promise.all(
    Records.map(({ body }) => publish(v.parse(request, JSON.parse(body))).catch(() => false)),
  );
  return {
    batchItemFailures: Records.filter((_, index) => !published[index]).map(({ messageId }) => ({ itemIdentifier: messageId })),
  };
}

async function publish(asked: v.InferOutput<typeof request>): Promise<boolean> {
  if (asked.what === "body") return publishBody(asked);
  const { id, time, type, data } = asked;
  const event = definitions.find((definition) => definition.type === type);
  if (!event) return false;
  const [result] = await publisher.publishAll([{ event, data, id, time }]);
  return result?.status === "published";
}

async function publishBody({ topic, type, body }: { topic: string; type: string; body: string }): Promise<boolean> {
  const MessageAttributes = { type: { DataType: "String", StringValue: type } };
  const entry = { Id: "0", Message: body, MessageAttributes };
  const { Successful } = await sns.send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: [entry] }));
  return Successful?.length === 1;
}
