/** What of a bucket or an object a request is about, where it is not the bucket or object as a whole. */
export interface SubResource {
  /** As operations name it: `BucketCors` of GetBucketCors. */
  readonly name: string;
  /** As IAM's actions name it: `BucketCORS`. */
  readonly inActions: string;
  /** IAM has an action for its deletion: s3:DeleteBucketPolicy. What else is deleted is changed to IAM. */
  readonly deletedAsSuch: boolean;
}

const DELETED_AS_SUCH = new Set(["BucketPolicy", "BucketWebsite", "ObjectTagging"]);

/**
 * The sub-resources of a bucket, by the query parameter that asks for them.
 * Service authorization reference, "Actions, resources, and condition keys for Amazon S3"
 */
export const bucketParts: ReadonlyMap<string, SubResource> = parts({
  accelerate: ["BucketAccelerateConfiguration", "AccelerateConfiguration"],
  acl: ["BucketAcl"],
  analytics: ["BucketAnalyticsConfiguration", "AnalyticsConfiguration"],
  cors: ["BucketCors", "BucketCORS"],
  encryption: ["BucketEncryption", "EncryptionConfiguration"],
  "intelligent-tiering": ["BucketIntelligentTieringConfiguration", "IntelligentTieringConfiguration"],
  inventory: ["BucketInventoryConfiguration", "InventoryConfiguration"],
  lifecycle: ["BucketLifecycleConfiguration", "LifecycleConfiguration"],
  location: ["BucketLocation"],
  logging: ["BucketLogging"],
  metrics: ["BucketMetricsConfiguration", "MetricsConfiguration"],
  notification: ["BucketNotificationConfiguration", "BucketNotification"],
  "object-lock": ["ObjectLockConfiguration", "BucketObjectLockConfiguration"],
  ownershipControls: ["BucketOwnershipControls"],
  policy: ["BucketPolicy"],
  policyStatus: ["BucketPolicyStatus"],
  publicAccessBlock: ["PublicAccessBlock", "BucketPublicAccessBlock"],
  replication: ["BucketReplication", "ReplicationConfiguration"],
  requestPayment: ["BucketRequestPayment"],
  tagging: ["BucketTagging"],
  versioning: ["BucketVersioning"],
  website: ["BucketWebsite"],
});

/** Those of an object, likewise. */
export const objectParts: ReadonlyMap<string, SubResource> = parts({
  acl: ["ObjectAcl"],
  attributes: ["ObjectAttributes"],
  "legal-hold": ["ObjectLegalHold"],
  retention: ["ObjectRetention"],
  tagging: ["ObjectTagging"],
  torrent: ["ObjectTorrent"],
});

function parts(table: Readonly<Record<string, readonly [name: string, inActions?: string]>>): Map<string, SubResource> {
  return new Map(
    Object.entries(table).map(([parameter, [name, inActions = name]]) => [
      parameter,
      { name, inActions, deletedAsSuch: DELETED_AS_SUCH.has(name) },
    ]),
  );
}
