import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { requestHandler } from "./request-handler.ts";

/** The AWS clients that a service's runtime uses. */
export interface Clients {
  readonly dynamodb: Pick<DynamoDBClient, "send">;
  readonly sns: Pick<SNSClient, "send">;
  readonly sqs: Pick<SQSClient, "send">;
}

/** Clients with the function's own region and credentials. */
export function createClients(): Clients {
  return {
    dynamodb: new DynamoDBClient({ requestHandler }),
    sns: new SNSClient({ requestHandler }),
    sqs: new SQSClient({ requestHandler }),
  };
}
