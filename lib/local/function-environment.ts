import { createHash } from "node:crypto";
import { account } from "./account.ts";
import type { PlannedFunction } from "./resources/resource.ts";
import type { FunctionConfig } from "./types.ts";

/** The access key that functions of a role call with: the gateway knows the role by it. */
export function accessKeyOf(role: string): string {
  return `LKIA${createHash("sha256").update(role).digest("hex").slice(0, 16).toUpperCase()}`;
}

/** A function with all that it finds in its environment: what its template says, and what Lambda sets (Lambda guide, environment variables). */
export function withLambdaEnvironment({ config, role }: PlannedFunction, endpoint: string): FunctionConfig {
  return {
    ...config,
    environment: {
      ...config.environment,
      _HANDLER: config.handler,
      AWS_REGION: account.region,
      AWS_DEFAULT_REGION: account.region,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: config.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMegabytes),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      AWS_ACCESS_KEY_ID: accessKeyOf(role || config.arn),
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL: endpoint,
      LAMBDA_TASK_ROOT: config.codeDirectory,
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
    },
  };
}
