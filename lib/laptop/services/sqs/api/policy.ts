import type { Policies } from "../../../iam/policies.ts";
import { AwsError } from "../../../shared/aws-error.ts";
import { CloudError } from "../../../shared/errors.ts";

/**
 * Has IAM go by the Policy attribute of a queue; an empty text takes its policy away.
 *
 * @throws AwsError InvalidAttributeValue for what is not a policy
 */
export function followPolicy(policies: Policies, queueArn: string, policy: string): void {
  if (policy === "") {
    policies.removeResourcePolicy(queueArn);
    return;
  }
  try {
    policies.setResourcePolicy(queueArn, JSON.parse(policy));
  } catch (thrown) {
    if (!(thrown instanceof CloudError) && !(thrown instanceof SyntaxError)) throw thrown;
    throw new AwsError("InvalidAttributeValue", "Invalid value for the parameter Policy.");
  }
}
