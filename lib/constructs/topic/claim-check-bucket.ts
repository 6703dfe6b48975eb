import { Duration, type RemovalPolicy, Validations } from "aws-cdk-lib/core";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { ConfigurationError } from "../configuration-error.ts";
import type { StageNames } from "../names.ts";
import { DEAD_LETTER_RETENTION, QUEUE_RETENTION } from "../queue/queue-settings.ts";

/** Days that the data of a large event is kept; {@link requireDataOutlivesEvents} checks that each service can rely on it. */
export const CLAIM_CHECK_DAYS = 90;

export interface ClaimCheckBucketProps {
  readonly names: StageNames;
  /** @default - a key that S3 manages */
  readonly key?: IKey;
  /** With DESTROY, CloudFormation deletes the bucket only when it is empty, and says so when it is not. */
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The bucket for the data of a stage's large events: private, encrypted, TLS only, emptied only by its lifecycle. CloudFormation
 * chooses its name, since bucket names are globally unique; services and producers find it in the SSM parameter
 * `/fanfare/<stage>/claim-check-bucket`.
 */
export class ClaimCheckBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { names, key, removalPolicy }: ClaimCheckBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, "Bucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      // Old versions would outlive the expiry, and nothing is overwritten: a key contains its content's hash.
      versioned: false,
      lifecycleRules: [{ id: "Expire", expiration: Duration.days(CLAIM_CHECK_DAYS) }],
      removalPolicy,
      ...(key
        ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
    });
    Validations.of(this.bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "Only the services' functions and the producers read it, by roles; CloudTrail data events tell who, where that is asked for.",
    });
    new StringParameter(this, "Name", {
      parameterName: names.claimCheckBucketParameter,
      stringValue: this.bucket.bucketName,
      description: `Name of the bucket of stage ${names.stage}'s large events' data.`,
    });
  }
}

/**
 * Checks that an event's data is kept as long as the event may be delivered: its publisher may publish it again for as long as
 * its inbox remembers it, and it may then wait in a consumer's queue and dead-letter queue.
 *
 * @throws ConfigurationError when the data would be deleted earlier.
 */
export function requireDataOutlivesEvents(service: string, inboxDays: number): void {
  const least = inboxDays + QUEUE_RETENTION.toDays() + DEAD_LETTER_RETENTION.toDays();
  if (CLAIM_CHECK_DAYS < least) {
    throw new ConfigurationError(
      `service ${service}: an inbox of ${inboxDays} days can publish a large event for so long, whose data is then needed for ${least} days and kept for ${CLAIM_CHECK_DAYS}: shorten the inbox`,
    );
  }
}
