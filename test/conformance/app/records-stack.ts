import { Arn, ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { RECORDS, TOPIC_ARNS } from "./names.ts";

/** What tests read: the table of what functions have seen, and how ARNs of topics begin. */
export class RecordsStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new Table(this, "Records", {
      tableName: RECORDS,
      partitionKey: { name: "run", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new StringParameter(this, "TopicArns", {
      parameterName: TOPIC_ARNS,
      stringValue: Arn.format({ service: "sns", resource: "", arnFormat: ArnFormat.NO_RESOURCE_NAME }, this),
    });
  }
}
