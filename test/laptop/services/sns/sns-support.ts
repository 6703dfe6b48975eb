import { createServer, type IncomingHttpHeaders } from "node:http";
import { SNSClient } from "@aws-sdk/client-sns";
import { onTestFinished } from "vitest";
import type { Cloud, CloudOptions } from "#lib/laptop/index.ts";
import { clientConfig, openToTopics, runResources } from "../../../support/cloud-support.ts";

export const TOPIC = "arn:aws:sns:us-east-1:000000000000:news";
export const QUEUE = "arn:aws:sqs:us-east-1:000000000000:readers";

/** The topic `news`; the queue `readers` and the dead-letter queue `lost`, to which any topic may send. */
export async function newsCloud(options: Partial<CloudOptions> = {}): Promise<{ cloud: Cloud; sns: SNSClient }> {
  const cloud = await runResources(
    {
      News: { Type: "AWS::SNS::Topic", Properties: { TopicName: "news" } },
      Readers: { Type: "AWS::SQS::Queue", Properties: { QueueName: "readers" } },
      Lost: { Type: "AWS::SQS::Queue", Properties: { QueueName: "lost" } },
      Open: openToTopics("Readers", "Lost"),
    },
    options,
  );
  return { cloud, sns: new SNSClient(clientConfig(cloud)) };
}

export function bodiesIn(cloud: Cloud, queue: string): string[] {
  return cloud.queues.look(queue).messages.map(({ body }) => body);
}

export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP endpoint of this machine that takes what is posted to it, and answers with a status. */
export async function endpoint(): Promise<{ url: string; status: number; next(): Promise<Posted> }> {
  const posted: Posted[] = [];
  let arrive = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(it.status).end();
      arrive.resolve();
      arrive = Promise.withResolvers();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const it = {
    url: `http://localhost:${port}/news`,
    status: 200,
    next: async (): Promise<Posted> => {
      while (posted.length === 0) await arrive.promise;
      return posted.shift()!;
    },
  };
  return it;
}
