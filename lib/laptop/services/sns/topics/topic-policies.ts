import type { Policies } from "../../../iam/policies.ts";
import { CloudError } from "../../../shared/errors.ts";
import { parseJson } from "../parse-json.ts";
import { invalidParameter } from "../refusals.ts";
import type { Topic } from "./topic.ts";

/** What nobody gets anything by: the policy of a topic that has none counts for nothing beyond what the account may do itself. */
const EMPTY = { Statement: [] };

/** Makes the policies that calls set count for IAM, as those of templates do. */
export class TopicPolicies {
  readonly #policies: Policies;

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  /** @throws AwsError InvalidParameter for a policy that cannot be read */
  set({ arn, name }: Pick<Topic, "arn" | "name">, policy: string | undefined): void {
    const source = { stack: "calls of SNS", logicalId: name, type: "AWS::SNS::Topic" };
    try {
      this.#policies.setResourcePolicy(arn, policy === undefined ? EMPTY : parseJson(policy), source);
    } catch (thrown) {
      if (thrown instanceof CloudError) throw invalidParameter("Policy Error: null");
      throw thrown;
    }
  }
}
