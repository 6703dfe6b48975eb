import type { RemovalPolicy } from "aws-cdk-lib/core";
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import { EXPIRES_AT, keyAttributes } from "../contracts/item-attributes.ts";
import type { ServiceNames } from "./names.ts";

export interface ServiceTableProps {
  readonly names: ServiceNames;
  /** The names of the indexes that the service's entities declare. */
  readonly indexes: readonly string[];
  /** Gives the table a stream of its items as they are after each change. */
  readonly stream: boolean;
  /** Prevents deleting the table until this is turned off. */
  readonly deletionProtection: boolean;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A service's table: its state and its inbox. On demand, restorable to any second of the last 35 days; items are deleted after
 * their `expiresAt` (seconds since 1970). An index holds keys alone, so that a write that leaves them as they are costs nothing more:
 * docs/decisions/indexes-of-keys.md.
 */
export class ServiceTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { names, indexes, stream, deletionProtection, removalPolicy }: ServiceTableProps) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      tableName: names.table,
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: EXPIRES_AT,
      ...(stream && { stream: StreamViewType.NEW_IMAGE }),
      deletionProtection,
      removalPolicy,
    });
    for (const indexName of indexes) {
      const { partition, sort } = keyAttributes(indexName);
      this.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partition, type: AttributeType.STRING },
        sortKey: { name: sort, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
  }
}
