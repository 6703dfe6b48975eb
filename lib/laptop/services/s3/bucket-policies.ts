import type { DatabaseSync } from "node:sqlite";
import type { Policies } from "../../iam/policies.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { messageOf } from "../../shared/errors.ts";
import { textOf } from "../../shared/json.ts";
import { Answer, type Call } from "../call.ts";

/** Which buckets there are. */
interface Buckets {
  hasBucket(name: string): boolean;
}

/** PutBucketPolicy, GetBucketPolicy and DeleteBucketPolicy: the policies count for IAM as those of templates do. */
export class BucketPolicies {
  readonly #policies: Policies;
  readonly #buckets: Buckets;
  readonly #database: DatabaseSync | undefined;

  /** @param database keeps them across restarts */
  constructor(policies: Policies, buckets: Buckets, database: DatabaseSync | undefined) {
    this.#policies = policies;
    this.#buckets = buckets;
    this.#database = database;
    database?.exec("CREATE TABLE IF NOT EXISTS s3_policies (bucket TEXT PRIMARY KEY, policy TEXT NOT NULL)");
    for (const { bucket, policy } of database?.prepare("SELECT * FROM s3_policies").all() ?? [])
      policies.setResourcePolicy(arnOf(String(bucket)), JSON.parse(String(policy)));
  }

  /** The answer to a call about a policy; undefined for all others. @throws AwsError as S3 refuses */
  handle({ operation, input, request }: Call): Answer | undefined {
    const bucket = textOf(input["Bucket"]) ?? "";
    if (!/^(?:Get|Put|Delete)BucketPolicy$/.test(operation)) return undefined;
    if (!this.#buckets.hasBucket(bucket)) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
    if (operation === "GetBucketPolicy") {
      const document = this.#policies.resourcePolicy(arnOf(bucket));
      if (!document) throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
      return new Answer(200, JSON.stringify(document), { "content-type": "application/json" });
    }
    if (operation === "PutBucketPolicy") this.#set(bucket, request.body);
    else this.forget(bucket);
    return new Answer(204);
  }

  /** Drops the policy of a bucket, which may be gone itself. */
  forget(bucket: string): void {
    this.#policies.removeResourcePolicy(arnOf(bucket));
    this.#database?.prepare("DELETE FROM s3_policies WHERE bucket = ?").run(bucket);
  }

  #set(bucket: string, body: Buffer): void {
    let document: unknown;
    try {
      document = JSON.parse(body.toString());
    } catch {
      throw new AwsError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'");
    }
    try {
      this.#policies.setResourcePolicy(arnOf(bucket), document);
    } catch (error) {
      throw new AwsError("MalformedPolicy", messageOf(error));
    }
    this.#database?.prepare("INSERT OR REPLACE INTO s3_policies VALUES (?, ?)").run(bucket, JSON.stringify(document));
  }
}

function arnOf(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}
