import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect, inject } from "vitest";
import { waitFor } from "../support/target/wait-for.ts";
import { behaviour } from "./behaviour.ts";
import { patience } from "../support/conformance/patience.ts";
import { named } from "./app/names.ts";
import { ownCloud } from "../support/conformance/own-cloud.ts";

behaviour("retries", async () => {
  const cloud = await ownCloud(inject("target"), "records", "asynchronous");
  try {
    const app = cloud.client();
    const Payload = app.message("event", { end: "throw" });
    await app.lambda.send(new InvokeCommand({ FunctionName: named("twice"), InvocationType: "Event", Payload }));
    const seen = await waitFor(
      "the second attempt, which comes after a minute",
      () => {
        cloud.pass(60);
        return app.seen();
      },
      (records) => records.length === 2,
      patience(60),
    );
    expect(new Set(seen.map(({ invocation }) => invocation)).size).toBe(1);
    const [told] = await app.take("failed-twice", 1);
    expect(JSON.parse(told?.Body ?? "")).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 2 },
    });
  } finally {
    await cloud.stop();
  }
});
