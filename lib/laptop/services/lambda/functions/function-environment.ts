import { account } from "../../../shared/account.ts";
import type { Credentials } from "../../../iam/callers.ts";
import type { PlannedFunction } from "../plan.ts";
import type { FunctionConfig } from "./function-config.ts";

/** A function with all that it finds in its environment: what its template says, and what Lambda sets (Lambda guide, environment variables). */
export function withLambdaEnvironment(
  { config }: PlannedFunction,
  endpoint: string,
  { accessKeyId, secretAccessKey }: Credentials,
): FunctionConfig {
  return {
    ...config,
    environment: {
      ...config.environment,
      _HANDLER: config.handler,
      AWS_REGION: account.region,
      AWS_DEFAULT_REGION: account.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: config.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMegabytes),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL: endpoint,
      LAMBDA_TASK_ROOT: config.codeDirectory,
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
    },
  };
}
