import { describe, expect, test } from "vitest";
import { defineService, defineTopic } from "#lib/contracts/index.ts";
import { at, desk, event, objects, resource, resources, shop, sold, synthesize } from "./fixture.ts";

const { template } = synthesize({}, [shop, desk]);
const [state, code] = [template("desk"), template("desk-function")];
const table = resource(state, "AWS::DynamoDB::Table", {});
const relay = resource(code, "AWS::Lambda::Function", { FunctionName: "fanfare-dev-desk-relay" });
const mapping = resource(code, "AWS::Lambda::EventSourceMapping", { FunctionName: { Ref: relay.id } });

describe("a service that takes requests", () => {
  test("has a table with a stream of what is committed, and tells its other stack where that is", () => {
    expect(table["StreamSpecification"]).toEqual({ StreamViewType: "NEW_IMAGE" });
    expect(resource(state, "AWS::SSM::Parameter", { Name: "/fanfare/dev/desk/stream-arn" })["Value"]).toEqual({
      "Fn::GetAtt": [table.id, "StreamArn"],
    });
  });

  test("has a relay that reads the stream from its beginning, and sees requests with events alone", () => {
    expect(mapping).toMatchObject({
      EventSourceArn: { Ref: "StreamArn" },
      StartingPosition: "TRIM_HORIZON",
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    const patterns = objects(at(mapping, "FilterCriteria", "Filters")).map(({ Pattern }): unknown =>
      JSON.parse(String(Pattern)),
    );
    expect(patterns).toEqual([
      { dynamodb: { Keys: { pk: { S: [{ prefix: "inbox#" }] } }, NewImage: { forRelay: { BOOL: [true] } } } },
    ]);
  });

  test("has a relay that is tried until the stream forgets: no request is given up before", () => {
    expect(mapping).not.toHaveProperty("MaximumRetryAttempts");
    expect(mapping).not.toHaveProperty("MaximumRecordAgeInSeconds");
  });

  test("has a relay that may read the stream, publish where the service publishes, and log", () => {
    const [role] = objects([resources(code, "AWS::IAM::Role").get(String(at(relay, "Role", "Fn::GetAtt", "0")))]);
    const grants = objects(role?.["Policies"]).flatMap((policy) => objects(at(policy, "PolicyDocument", "Statement")));
    expect(grants.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map((it) => `dynamodb:${it}`), { Ref: "StreamArn" }],
      ["sns:Publish", { Ref: "SalesTopicArn" }],
      [["logs:CreateLogStream", "logs:PutLogEvents"], expect.anything()],
    ]);
    expect(JSON.stringify(grants.at(-1))).toContain(":log-group:/fanfare/dev/desk-relay:*");
  });

  test("keeps the relay's log like its own", () => {
    const logs = [...resources(state, "AWS::Logs::LogGroup").values()];
    expect(logs.map(({ LogGroupName }) => LogGroupName)).toEqual(["/fanfare/dev/desk", "/fanfare/dev/desk-relay"]);
    expect(new Set(logs.map(({ RetentionInDays }) => RetentionInDays)).size).toBe(1);
  });

  test("cannot emit to a FIFO topic, whose order the relay would not keep", () => {
    const moved = event(defineTopic({ name: "tracks", description: "In order.", fifo: true }), "parcel.moved.v1");
    const rest = { consumes: [sold], publishes: [moved], owns: [], takesRequests: true };
    expect(() => defineService("depot", "", rest)).toThrow(
      "service depot: it takes requests and publishes parcel.moved.v1 to the FIFO topic tracks",
    );
  });
});

test("a service without requests has neither stream nor relay", () => {
  expect(resource(template("shop"), "AWS::DynamoDB::Table", {})).not.toHaveProperty("StreamSpecification");
  expect(resources(template("shop-function"), "AWS::Lambda::Function").size).toBe(1);
});
