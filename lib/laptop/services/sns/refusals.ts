import { AwsError } from "../../shared/aws-error.ts";

/** As SNS refuses most: `Invalid parameter: TopicArn`. */
export function invalidParameter(reason: string): AwsError {
  return new AwsError("InvalidParameter", `Invalid parameter: ${reason}`);
}

export function notFound(what: "Topic" | "Subscription"): AwsError {
  return new AwsError("NotFound", `${what} does not exist`, 404);
}
