import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import { sized } from "../../../support/proof.ts";
import { fuzzGateway } from "./fuzz-gateway.ts";
import { runFuzzedCloud } from "./fuzzed-cloud.ts";

const SEED = 1;
const REQUESTS = sized({ short: 500, long: 10_000 });

/** What the cloud may keep of what it was sent, in bytes: the queue's messages, the mailbox, the buckets. */
const MOST_KEPT = 150 * 1_024 * 1_024;

test(`${REQUESTS.toLocaleString("en")} malformed requests (seed ${SEED}) are refused or answered in sense, and leave the cloud up`, async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const cloud = await runFuzzedCloud();
  onTestFinished(() => cloud.stop());
  const before = process.memoryUsage().rss;

  const answers = await fuzzGateway({ endpoint: cloud.endpoint, requests: REQUESTS, seed: SEED });

  expect(unhandled).toEqual([]);
  expect(process.memoryUsage().rss - before).toBeLessThan(MOST_KEPT);
  expect("polluted" in {}).toBe(false);
  // Both kinds are many, so that neither is vacuous.
  expect(answers.get(200)).toBeGreaterThan(REQUESTS / 10);
  expect(answers.get(400)).toBeGreaterThan(0.3 * REQUESTS);
  expect(answers.get(403)).toBeGreaterThan(0.03 * REQUESTS);
  await requireDelivery(cloud.endpoint);
}, 120_000);

/** A healthy message goes through, as if nothing had been. */
async function requireDelivery(endpoint: string): Promise<void> {
  const client = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const TopicArn = "arn:aws:sns:us-east-1:000000000000:orders";
  await new SNSClient(client).send(new PublishCommand({ TopicArn, Message: "healthy" }));
  const { Messages = [] } = await new SQSClient(client).send(
    new ReceiveMessageCommand({ QueueUrl: `${endpoint}/000000000000/inbox`, WaitTimeSeconds: 20 }),
  );
  expect(Messages.map(({ Body }) => Body)).toEqual(["healthy"]);
}
