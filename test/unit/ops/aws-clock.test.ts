import { createServer } from "node:http";
import { once } from "node:events";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { AwsClock } from "#lib/ops/aws-clock.ts";

it("goes by the answers' Date header, not by this machine's clock", async () => {
  const server = createServer((_, response) => {
    response.sendDate = false;
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0", date: "Sun, 01 Nov 2026 12:00:00 GMT" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const sqs = new SQSClient({ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials });
  const clock = new AwsClock(sqs);
  const started = performance.now();
  await sqs.send(new ListQueuesCommand());

  const answered = Date.parse("2026-11-01T12:00:00Z");
  const now = clock.now();
  expect(now).toBeGreaterThanOrEqual(answered);
  expect(now).toBeLessThanOrEqual(answered + performance.now() - started);
  sqs.destroy();
  server.close();
});
