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

  constructor(policies: Policies, buckets: Buckets) {
    this.#policies = policies;
    this.#buckets = buckets;
  }

  /** The answer to a call about a policy; undefined for all others. @throws AwsError as S3 refuses */
  handle({ operation, input, request }: Call): Answer | undefined {
    const bucket = textOf(input["Bucket"]) ?? "";
    const arn = `arn:aws:s3:::${bucket}`;
    if (!/^(?:Get|Put|Delete)BucketPolicy$/.test(operation)) return undefined;
    if (!this.#buckets.hasBucket(bucket)) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
    if (operation === "GetBucketPolicy") {
      const document = this.#policies.resourcePolicy(arn);
      if (!document) throw new AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
      return new Answer(200, JSON.stringify(document), { "content-type": "application/json" });
    }
    if (operation === "PutBucketPolicy") this.#set(arn, request.body);
    else this.#policies.removeResourcePolicy(arn);
    return new Answer(204);
  }

  /** Of a bucket that is gone. */
  forget(bucket: string): void {
    this.#policies.removeResourcePolicy(`arn:aws:s3:::${bucket}`);
  }

  #set(arn: string, body: Buffer): void {
    let document: unknown;
    try {
      document = JSON.parse(body.toString());
    } catch {
      throw new AwsError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'");
    }
    try {
      this.#policies.setResourcePolicy(arn, document);
    } catch (error) {
      throw new AwsError("MalformedPolicy", messageOf(error));
    }
  }
}
