import { Stack } from "aws-cdk-lib";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { FILTERS } from "./filter-matrix.ts";
import { named } from "./names.ts";
import { queue, topic } from "./shapes.ts";

/** A topic for each row of the filter matrix; all deliver to one queue, whose messages name their topics. */
export class FilterStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const filtered = queue(this, "filtered");
    filtered.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("sns.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [filtered.queueArn],
        conditions: {
          ArnLike: { "aws:SourceArn": this.formatArn({ service: "sns", resource: named("filter-*") }) },
        },
      }),
    );
    for (const [row, { scope: filterPolicyScope, policy: filterPolicy }] of FILTERS) {
      new CfnSubscription(this, `Subscription-${row}`, {
        topicArn: topic(this, `filter-${row}`).topicArn,
        protocol: "sqs",
        endpoint: filtered.queueArn,
        filterPolicy,
        filterPolicyScope,
      });
    }
  }
}
