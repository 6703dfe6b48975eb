import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { CLAIM_CHECK_DAYS, requireDataOutlivesEvents } from "#lib/constructs/topic/claim-check-bucket.ts";
import { defineService, defineTopic } from "#lib/contracts/index.ts";
import { at, event, objects, resource, resources, synthesize } from "./fixture.ts";

const scans = defineTopic({ name: "scans", description: "Scanned pages.", largeEvents: true });
const notes = defineTopic({ name: "notes", description: "Short notes." });
const scanned = event(scans, "page.scanned.v1");
const read = event(scans, "page.read.v1");
const noted = event(notes, "note.taken.v1");

const scanner = defineService("scanner", "Scans.", { consumes: [noted], publishes: [scanned], owns: [] });
const reader = defineService("reader", "Reads.", { consumes: [scanned], publishes: [read], owns: [] });
const clerk = defineService("clerk", "Takes notes.", { consumes: [noted], publishes: [], owns: [] });
const services = [scanner, reader, clerk];

const dev = synthesize({}, services);
const backbone = dev.template("backbone");
const bucket = resource(backbone, "AWS::S3::Bucket", {});

describe("the bucket of large events' data", () => {
  test("is there only where a topic takes large events", () => {
    expect(resources(synthesize().template("backbone"), "AWS::S3::Bucket").size).toBe(0);
    expect(resources(backbone, "AWS::S3::Bucket").size).toBe(1);
  });

  test("is private, encrypted and refuses what does not come over TLS", () => {
    expect(bucket).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
    const policy = resource(backbone, "AWS::S3::BucketPolicy", { Bucket: { Ref: bucket.id } });
    expect(at(policy, "PolicyDocument", "Statement")).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    ]);
  });

  test("forgets by its lifecycle alone, for good, and later than any event that names its data", () => {
    expect(bucket["LifecycleConfiguration"]).toEqual({ Rules: [{ Id: "Expire", ExpirationInDays: 90, Status: "Enabled" }] });
    expect(bucket["VersioningConfiguration"]).toBeUndefined();
    expect(() => requireDataOutlivesEvents("reader", 32)).not.toThrow();
    expect(() => requireDataOutlivesEvents("reader", CLAIM_CHECK_DAYS - 17)).toThrow(
      /^service reader: an inbox of 73 days .* for 91 days and kept for 90: shorten the inbox$/,
    );
  });

  test("is found by an SSM parameter", () => {
    expect(resource(backbone, "AWS::SSM::Parameter", { Name: "/fanfare/dev/claim-check-bucket" })).toMatchObject({
      Value: { Ref: bucket.id },
    });
  });

  test("outlives its stack in prod; in dev it goes with it, when it is empty", () => {
    const fate = (stage: ReturnType<typeof synthesize>) =>
      Object.values(stage.template("backbone").findResources("AWS::S3::Bucket")).map((found) => at(found, "DeletionPolicy"));
    expect(fate(synthesize({ stage: "prod", alarmEmail: "ops@shop.example" }, services))).toEqual(["RetainExceptOnCreate"]);
    expect(fate(dev)).toEqual(["Delete"]);
    expect(Object.keys(backbone.findResources("Custom::S3AutoDeleteObjects"))).toEqual([]);
  });

  test("is encrypted by the customer's key, where there is one", () => {
    const stage = synthesize({ customerKey: "true" }, services).template("backbone");
    expect(JSON.stringify(resource(stage, "AWS::S3::Bucket", {})["BucketEncryption"])).toContain("aws:kms");
  });
});

describe("a service", () => {
  /** What it may do in S3, and where. */
  const allowed = (service: string) =>
    objects(resource(dev.template(`${service}-function`), "AWS::IAM::Role", {})["Policies"])
      .flatMap((policy) => objects(at(policy, "PolicyDocument", "Statement")))
      .filter(({ Action }) => JSON.stringify(Action).includes("s3:"))
      .map(({ Action, Resource }) => [Action, Resource]);
  const scansData = {
    "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":s3:::", { Ref: "ClaimCheckBucket" }, "/scans/*"]],
  };
  const variable = (service: string) =>
    at(
      resource(dev.template(`${service}-function`), "AWS::Lambda::Function", {}),
      "Environment",
      "Variables",
      "CLAIM_CHECK_BUCKET",
    );

  test("may put data where it publishes, and read it where it consumes", () => {
    expect(allowed("scanner")).toEqual([["s3:PutObject", scansData]]);
    expect(allowed("reader")).toEqual([
      ["s3:PutObject", scansData],
      ["s3:GetObject", scansData],
    ]);
    expect(variable("reader")).toEqual({ Ref: "ClaimCheckBucket" });
  });

  test("without large events knows nothing of the bucket", () => {
    expect(allowed("clerk")).toEqual([]);
    expect(variable("clerk")).toBeUndefined();
    expect(JSON.stringify(dev.template("clerk-function").toJSON())).not.toContain("claim-check");
  });
});

test.each([{ stage: "dev" }, { stage: "prod", customerKey: "true", alarmEmail: "ops@shop.example" }])(
  "cdk-nag has nothing against %o",
  (context) => {
    const { app } = synthesize({ ...context }, services);
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  },
);
