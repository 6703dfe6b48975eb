import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, StreamViewType, Table } from "aws-cdk-lib/aws-dynamodb";
import {
  type EventSourceMappingOptions,
  FilterCriteria,
  FilterRule,
  type Function as LambdaFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import { SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Construct } from "constructs";
import { named } from "./names.ts";
import { queue, scripted } from "./shapes.ts";

/** Tables whose streams feed functions: of all changes, of removals alone, and one that may fail twice. */
export class StreamStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const images = new StreamedTable(this, "images");
    images.feed(scripted(this, "images"));
    images.feed(scripted(this, "removals"), { filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual("REMOVE") })] });
    const onFailure = new SqsDlq(queue(this, "stream-failures"));
    new StreamedTable(this, "held-up").feed(scripted(this, "held-up"), { batchSize: 1, retryAttempts: 1, onFailure });
  }
}

class StreamedTable extends Table {
  constructor(scope: Construct, name: string) {
    super(scope, `Table-${name}`, {
      tableName: named(name),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Feeds a function from the table's stream. */
  feed(fn: LambdaFunction, options: EventSourceMappingOptions = {}): void {
    this.grantStreamRead(fn);
    fn.addEventSourceMapping("Stream", {
      eventSourceArn: this.tableStreamArn!,
      startingPosition: StartingPosition.TRIM_HORIZON,
      ...options,
    });
  }
}
