import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";

/**
 * The id of cdk-nag's finding of a wildcard in a policy's ARN, for `Validations.acknowledge`, which takes one finding at a time.
 * A reference is written as `<LogicalId>`. cdk-nag 3, README, "Acknowledging a Rule"
 */
export function wildcardFinding(scope: Construct, arn: string): string {
  return `AwsSolutions-IAM5[Resource::${flat(Stack.of(scope).resolve(arn))}]`;
}

function flat(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("Ref" in value) return `<${String(value.Ref)}>`;
  const join: unknown = "Fn::Join" in value ? value["Fn::Join"] : [];
  const parts: unknown = Array.isArray(join) ? join[1] : [];
  return Array.isArray(parts) ? parts.map(flat).join("") : "";
}
