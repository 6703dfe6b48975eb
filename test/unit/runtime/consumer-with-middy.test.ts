import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { consumer } from "#lib/runtime/index.ts";
import { service, Workshop } from "./workshop.ts";

test("a middleware goes around a consumer, and sees its answer", async () => {
  await using workshop = await Workshop.open();
  const { config, clients } = workshop;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const answers: unknown[] = [];

  const handler = middy<SQSEvent, SQSBatchResponse>(consumer(service, () => {}, { config, clients, log })).use({
    after: ({ response }) => void answers.push(response),
  });
  await handler({ Records: [] }, { getRemainingTimeInMillis: () => 10_000 });

  expect(answers).toEqual([{ batchItemFailures: [] }]);
});
