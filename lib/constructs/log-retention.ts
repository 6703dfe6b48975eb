import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { ConfigurationError } from "./configuration-error.ts";

/**
 * The retention of a service's log group.
 *
 * @throws ConfigurationError when CloudWatch does not offer that many days. AmazonCloudWatchLogs, PutRetentionPolicy
 */
export function retentionOf(service: string, days: number): RetentionDays {
  const offered = Object.values(RetentionDays).filter((value) => typeof value === "number");
  const retention = offered[offered.map(Number).indexOf(days)];
  if (retention !== undefined) return retention;
  throw new ConfigurationError(
    `service ${service}: logs kept for ${days} days: CloudWatch offers ${offered.join(", ")}; change logDays in bin/stages.ts`,
  );
}
