import type { RemovalPolicy } from "aws-cdk-lib/core";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import type { ServiceNames } from "./names.ts";

export interface ServiceTableProps {
  readonly names: ServiceNames;
  /** Prevents deleting the table until this is turned off. */
  readonly deletionProtection: boolean;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A service's table: its state and its inbox. On demand, restorable to any second of the last 35 days; items are deleted after
 * their `expiresAt` (seconds since 1970).
 */
export class ServiceTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { names, deletionProtection, removalPolicy }: ServiceTableProps) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      tableName: names.table,
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: "expiresAt",
      deletionProtection,
      removalPolicy,
    });
  }
}
