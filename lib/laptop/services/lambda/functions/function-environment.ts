import { account } from "../../../shared/account.ts";
import { accessKeyOf } from "../../../iam/callers.ts";
import type { PlannedFunction } from "../../../cloudformation/resource.ts";
import type { FunctionConfig } from "../../../shared/types.ts";

/** A function with all that it finds in its environment: what its template says, and what Lambda sets (Lambda guide, environment variables). */
export function withLambdaEnvironment({ config }: PlannedFunction, endpoint: string): FunctionConfig {
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
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      AWS_ACCESS_KEY_ID: accessKeyOf(config.arn),
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL: endpoint,
      LAMBDA_TASK_ROOT: config.codeDirectory,
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
    },
  };
}
