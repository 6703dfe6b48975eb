import { join } from "node:path";
import {
  type App,
  CfnCondition,
  CfnMapping,
  CfnOutput,
  CfnParameter,
  CfnResource,
  CfnRule,
  Duration,
  Fn,
  NestedStack,
  type NestedStackProps,
  Stack,
  type StackProps,
  Stage,
} from "aws-cdk-lib/core";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { CfnTopic, type ITopic, SubscriptionFilter, Topic } from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { CfnQueue, Queue } from "aws-cdk-lib/aws-sqs";
import { StringListParameter, StringParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";

/** An account and a region of its own, as most apps in the field name them. */
const env = { account: "123456789012", region: "eu-west-1" };

/** Two stages of one system: what is shared, and billing, whose queue and function stand in a nested stack. */
export function nestedAndConditional(app: App): void {
  for (const name of ["Dev", "Prod"]) {
    const stage = new Stage(app, name, { env });
    // Declared first, so that the order in the assembly is not the order of creation.
    const billing = new BillingStack(stage, "Billing", { stackName: `${name}Billing` });
    const shared = new SharedStack(stage, "Shared", { stackName: `${name}Shared` });
    billing.subscribe(shared.orders, shared.bills);
  }
}

class SharedStack extends Stack {
  readonly orders = new Topic(this, "Orders");
  readonly bills = new Topic(this, "Bills");

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    new StringParameter(this, "Currency", { parameterName: `/${this.stackName}/currency`, stringValue: "EUR" });
    new StringListParameter(this, "Rates", { parameterName: `/${this.stackName}/rates`, stringListValue: ["20", "10"] });
    new CfnOutput(this, "Prefix", { value: `${this.stackName}-bills`, exportName: `${this.stackName}-prefix` });
  }
}

class BillingStack extends Stack {
  subscribe(orders: ITopic, bills: Topic): void {
    const shared = this.stackName.replace("Billing", "Shared");
    const size = new CfnParameter(this, "Size", { allowedValues: ["small", "large"], default: "small" });
    const zones = new CfnParameter(this, "Zones", { type: "CommaDelimitedList", default: "a, b, c" });
    const sizes = new CfnMapping(this, "Sizes", { mapping: { small: { seconds: 60 }, large: { seconds: 600 } } });
    new CfnRule(this, "LargeHasZones", {
      ruleCondition: Fn.conditionEquals(size, "large"),
      assertions: [
        { assert: Fn.conditionContains(["a"], Fn.select(0, zones.valueAsList)), assertDescription: "Large needs zone a." },
      ],
    });
    const isSmall = new CfnCondition(this, "IsSmall", { expression: Fn.conditionEquals(size, "small") });
    const isLarge = new CfnCondition(this, "IsLarge", { expression: Fn.conditionNot(isSmall) });
    const archive = new CfnQueue(this, "Archive", { queueName: Fn.join("-", [Fn.importValue(`${shared}-prefix`), "archive"]) });
    archive.cfnOptions.condition = isLarge;

    const nested = new BillsStack(this, "Bills", {
      orders,
      bills,
      visibilitySeconds: sizes.findInMap(size.valueAsString, "seconds"),
      currency: StringParameter.valueForStringParameter(this, `/${shared}/currency`),
      rates: Fn.join(",", StringListParameter.valueForTypedListParameter(this, `/${shared}/rates`)),
    });
    const audit = new Queue(this, "Audit", { queueName: Fn.join("-", [Fn.importValue(`${shared}-prefix`), "audit"]) });
    bills.addSubscription(new SqsSubscription(audit, { rawMessageDelivery: true }));
    new CfnOutput(this, "Work", { value: nested.workName });
    new CfnOutput(this, "ArchiveArn", { value: archive.attrArn, condition: isLarge });

    // Resources as somebody may write them by hand: one without properties, one of an unknown type, and one that refers to that.
    new CfnTopic(this, "Bare");
    const odd = new CfnResource(this, "Odd", { type: "Acme::Shop::Counter" });
    const service = Fn.select(2, Fn.split(":", odd.getAtt("Arn").toString()));
    new CfnQueue(this, "NamedAfterOdd", {
      queueName: Fn.sub("${AWS::StackName}-${Zone}-${Service}", { Zone: Fn.select(1, zones.valueAsList), Service: service }),
    });
  }
}

interface BillsProps extends NestedStackProps {
  orders: ITopic;
  bills: Topic;
  visibilitySeconds: string;
  currency: string;
  rates: string;
}

/** What makes bills: it is given its settings as parameters, and gives the name of its queue back. */
class BillsStack extends NestedStack {
  readonly workName: string;

  constructor(scope: Construct, id: string, props: BillsProps) {
    super(scope, id, props);
    const dead = new Queue(this, "Dead");
    const work = new Queue(this, "Work", { deadLetterQueue: { queue: dead, maxReceiveCount: 3 } });
    const definition = work.node.defaultChild;
    if (definition instanceof CfnQueue) definition.addPropertyOverride("VisibilityTimeout", props.visibilitySeconds);
    this.workName = work.queueName;
    const filterPolicy = { kind: SubscriptionFilter.stringFilter({ allowlist: ["order"] }) };
    props.orders.addSubscription(new SqsSubscription(work, { rawMessageDelivery: true, filterPolicy }));
    const table = new Table(this, "Table", { partitionKey: { name: "orderId", type: AttributeType.STRING } });
    const bill = new LambdaFunction(this, "Bill", {
      runtime: Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: Code.fromAsset(join(import.meta.dirname, "functions", "bill")),
      timeout: Duration.seconds(10),
      environment: {
        TABLE_NAME: table.tableName,
        BILLS_TOPIC_ARN: props.bills.topicArn,
        CURRENCY: props.currency,
        RATES: props.rates,
        REGION: this.region,
      },
    });
    table.grantWriteData(bill);
    props.bills.grantPublish(bill);
    bill.addEventSource(new SqsEventSource(work, { batchSize: 5 }));
  }
}
