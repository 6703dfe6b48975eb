import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type * as Sqs from "./sqs.ts";
import { requestHandler } from "./request-handler.ts";

/** The AWS clients that a service's runtime uses. */
export interface Clients {
  readonly dynamodb: Pick<DynamoDBClient, "send">;
  readonly sns: Pick<SNSClient, "send">;
  readonly sqs: Pick<SQSClient, "send">;
}

/** SQS's client and commands, which most invocations never need: loaded at the first failure of an environment. */
export const loadSqs = () => (sqs ??= import("./sqs.ts"));

let sqs: Promise<typeof Sqs> | undefined;

/** Clients with the function's own region and credentials. */
export function createClients(): Clients {
  return {
    dynamodb: new DynamoDBClient({ requestHandler }),
    sns: new SNSClient({ requestHandler }),
    sqs: sqsLater(),
  };
}

function sqsLater(): Clients["sqs"] {
  let client: Promise<SQSClient> | undefined;
  const send = async (...call: Parameters<SQSClient["send"]>): Promise<unknown> => {
    client ??= loadSqs().then(({ SQSClient }) => new SQSClient({ requestHandler }));
    return (await client).send(...call);
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client's own overloads, which no function can repeat
  return { send: send as SQSClient["send"] };
}
