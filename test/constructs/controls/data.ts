import { at, type Properties } from "../fixture.ts";
import type { Control } from "./control.ts";
import { first, isForEverybody, ofType, referred, type Resource, type Stage, statementsOf, texts } from "./stage.ts";

/** What guards data in transit: the type of policy, its property that names what it guards, and the action it has to refuse. */
const GUARDS = {
  "AWS::SQS::Queue": { policy: "AWS::SQS::QueuePolicy", guarded: "Queues", action: "sqs:*" },
  "AWS::SNS::Topic": { policy: "AWS::SNS::TopicPolicy", guarded: "Topics", action: "sns:Publish" },
  "AWS::S3::Bucket": { policy: "AWS::S3::BucketPolicy", guarded: "Bucket", action: "s3:*" },
} as const;

type GuardedType = keyof typeof GUARDS;

/** The statements that refuse what does not come over TLS, for all of a resource. */
function tlsDemands(stage: Stage, type: GuardedType, resource: Resource): Properties[] {
  const { policy, guarded, action } = GUARDS[type];
  return ofType(stage, policy)
    .filter((one) => [one.properties[guarded]].flat().some((reference) => referred(stage, one, reference) === resource))
    .flatMap(statementsOf)
    .filter(
      (statement) =>
        statement["Effect"] === "Deny" &&
        isForEverybody(statement) &&
        texts(statement["Action"]).includes(action) &&
        texts(statement["Resource"]).some((text) => text.includes(`"${resource.id}"`)) &&
        at(statement, "Condition", "Bool", "aws:SecureTransport") === "false",
    );
}

function withoutTls(stage: Stage, type: GuardedType): Resource[] {
  return ofType(stage, type).filter((resource) => tlsDemands(stage, type, resource).length === 0);
}

/** Turns a resource's demand for TLS into one for clear text. */
function dropTls(type: GuardedType) {
  return (stage: Stage): Resource => {
    const resource = first(stage, type);
    for (const demand of tlsDemands(stage, type, resource)) {
      demand["Condition"] = { Bool: { "aws:SecureTransport": "true" } };
    }
    return resource;
  };
}

/** Sets properties of the first resource of a type; undefined takes one away. */
function setting(type: string, change: Properties) {
  return (stage: Stage): Resource => {
    const resource = first(stage, type);
    Object.assign(resource.properties, change);
    return resource;
  };
}

/**
 * What keeps data safe in transit, at rest, and from accidents. DynamoDB and CloudWatch Logs encrypt always; topics encrypt by a
 * customer's key, where there is one: stages.test.ts.
 */
export const data: readonly Control[] = [
  {
    rule: "each queue, topic and bucket refuses what does not come over TLS",
    offenders: (stage) => [
      ...withoutTls(stage, "AWS::SQS::Queue"),
      ...withoutTls(stage, "AWS::SNS::Topic"),
      ...withoutTls(stage, "AWS::S3::Bucket"),
    ],
    breaches: {
      "a queue in clear text": dropTls("AWS::SQS::Queue"),
      "a topic in clear text": dropTls("AWS::SNS::Topic"),
      "a bucket in clear text": dropTls("AWS::S3::Bucket"),
    },
  },
  {
    rule: "each queue and bucket is encrypted",
    offenders: (stage) => [
      ...ofType(stage, "AWS::SQS::Queue").filter(
        ({ properties }) => properties["SqsManagedSseEnabled"] !== true && properties["KmsMasterKeyId"] === undefined,
      ),
      ...ofType(stage, "AWS::S3::Bucket").filter(({ properties }) => properties["BucketEncryption"] === undefined),
    ],
    breaches: {
      "a queue that is not": setting("AWS::SQS::Queue", { SqsManagedSseEnabled: false, KmsMasterKeyId: undefined }),
      "a bucket that does not say so": setting("AWS::S3::Bucket", { BucketEncryption: undefined }),
    },
  },
  {
    rule: "each table can be restored to any second",
    offenders: (stage) =>
      ofType(stage, "AWS::DynamoDB::Table").filter(
        ({ properties }) => at(properties, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") !== true,
      ),
    breaches: { "a table that cannot": setting("AWS::DynamoDB::Table", { PointInTimeRecoverySpecification: undefined }) },
  },
  {
    rule: "each table is protected from deletion",
    inProdAlone: true,
    offenders: (stage) =>
      ofType(stage, "AWS::DynamoDB::Table").filter(({ properties }) => properties["DeletionProtectionEnabled"] !== true),
    breaches: { "a table that is not": setting("AWS::DynamoDB::Table", { DeletionProtectionEnabled: false }) },
  },
];
