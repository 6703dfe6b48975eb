import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect, inject } from "vitest";
import { waitFor } from "../support/target/wait-for.ts";
import { behaviour } from "./behaviour.ts";
import { patience } from "../support/conformance/patience.ts";
import { ownCloud } from "../support/conformance/own-cloud.ts";

behaviour("retention", async () => {
  const cloud = await ownCloud(inject("target"), "queues");
  try {
    const app = cloud.client();
    const QueueUrl = await app.queueUrl("short-lived");
    const count = async () => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] });
      return Number((await app.sqs.send(command)).Attributes?.["ApproximateNumberOfMessages"]);
    };
    await app.send("short-lived", app.run);
    await waitFor("the message to be counted", count, (messages) => messages === 1, patience());
    cloud.pass(61);
    await waitFor("the message to be deleted", count, (messages) => messages === 0, patience(60));
    expect(await app.receive("short-lived")).toEqual([]);
  } finally {
    await cloud.stop();
  }
});
