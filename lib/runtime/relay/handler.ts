/** The entry point of the relay's bundle, which all services that take requests share. */
import { SNSClient } from "@aws-sdk/client-sns";
import { functionVariables } from "../../contracts/function-variables.ts";
import { topicVariable } from "../../contracts/topic.ts";
import { requireVariable } from "../lambda/config.ts";
import { createLog } from "../lambda/logger.ts";
import { requestHandler } from "../lambda/request-handler.ts";
import { createRelay } from "./relay.ts";

export const handler = createRelay({
  topicArn: (name) => process.env[topicVariable({ name })],
  sns: new SNSClient({ requestHandler }),
  log: createLog({
    service: requireVariable(functionVariables.service),
    version: requireVariable(functionVariables.version),
  }),
});
