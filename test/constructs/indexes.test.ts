import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { defineEntity, defineService } from "#lib/contracts/index.ts";
import { isInAlarm, watchedBy } from "./cloudwatch/alarm-state.ts";
import { at, objects, paid, resource, resources, synthesize } from "./fixture.ts";

const schema = v.object({ id: v.string(), customer: v.string() });
const id = (data: v.InferOutput<typeof schema>) => data.id;
const byCustomer = { partition: ({ customer }: v.InferOutput<typeof schema>) => customer };

const bill = defineEntity({ name: "bill", schema, id, indexes: { byCustomer, byStatus: { partition: () => "open" } } });
const receipt = defineEntity({ name: "receipt", schema, id, indexes: { byCustomer } });
const note = defineEntity({ name: "note", schema, id, indexes: { byAuthor: { partition: () => "me" } } });

const common = { consumes: [paid], publishes: [], owns: [bill, receipt, note] };
const { template } = synthesize({}, [
  defineService("books", "Queries two kinds of items of three.", { ...common, queries: [bill, receipt] }),
  defineService("plain", "Queries nothing.", common),
]);

describe("the table of a service whose entities have indexes", () => {
  const table = resource(template("books"), "AWS::DynamoDB::Table", {});

  test("has one index per name, of keys alone", () => {
    expect(table["GlobalSecondaryIndexes"]).toEqual(
      ["byCustomer", "byStatus", "byAuthor"].map((name) => ({
        IndexName: name,
        KeySchema: [
          { AttributeName: `index#${name}#pk`, KeyType: "HASH" },
          { AttributeName: `index#${name}#sk`, KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      })),
    );
  });

  test("and each of them are watched for throttles: what an index refuses does not count at the table", () => {
    const alarm = resource(template("books"), "AWS::CloudWatch::Alarm", { AlarmName: "fanfare-dev-books-table-throttles" });
    const places = watchedBy(alarm).map(({ metric, names }) => `${metric} of ${names.join(" ")}`);
    expect(places.toSorted()).toEqual(
      ["fanfare-dev-books", ...["byAuthor", "byCustomer", "byStatus"].map((name) => `${name} fanfare-dev-books`)]
        .flatMap((place) => [`ReadThrottleEvents of ${place}`, `WriteThrottleEvents of ${place}`])
        .toSorted(),
    );
    expect(isInAlarm(alarm, { WriteThrottleEvents: [1, 1, 1] })).toBe(true);
  });

  test("and need a second alarm where one cannot watch them all: CloudWatch takes ten metrics", () => {
    const indexes = Object.fromEntries(["one", "two", "three", "four", "five"].map((name) => [name, byCustomer]));
    const wide = defineEntity({ name: "wide", schema, id, indexes });
    const stage = synthesize({}, [defineService("wide", "Has five.", { ...common, owns: [wide] })]);
    const alarms = ["table-throttles", "table-throttles-2"].map((what) => `fanfare-dev-wide-${what}`);
    const watched = alarms.map((AlarmName) =>
      watchedBy(resource(stage.template("wide"), "AWS::CloudWatch::Alarm", { AlarmName })),
    );
    expect(watched.map(({ length }) => length)).toEqual([10, 2]);
    const [dashboard] = resources(stage.template("operations"), "AWS::CloudWatch::Dashboard").values();
    for (const name of alarms) expect(JSON.stringify(dashboard)).toContain(`:alarm:${name}\\"`);
  });

  test("defines the attributes of its own keys and theirs, and no others", () => {
    expect(objects(table["AttributeDefinitions"]).map(({ AttributeName }) => AttributeName)).toEqual([
      "pk",
      "sk",
      ...["byCustomer", "byStatus", "byAuthor"].flatMap((name) => [`index#${name}#pk`, `index#${name}#sk`]),
    ]);
  });
});

/** The resources that a service's function may query, each by the end of its ARN. */
function queriedBy(service: string): (string | undefined)[] {
  const role = resource(template(`${service}-function`), "AWS::IAM::Role", {});
  return objects(role["Policies"])
    .flatMap((policy) => objects(at(policy, "PolicyDocument", "Statement")))
    .filter(({ Action }) => [Action].flat().includes("dynamodb:Query"))
    .map(({ Resource }) => /table\/[\w/-]+/.exec(JSON.stringify(Resource))?.[0]);
}

test("a function may query its table and the indexes of the entities that its service queries, and no other", () => {
  expect(queriedBy("books")).toEqual([
    "table/fanfare-dev-books",
    "table/fanfare-dev-books/index/byCustomer",
    "table/fanfare-dev-books/index/byStatus",
  ]);
});

test("a function of a service that queries nothing may query nothing", () => {
  expect(queriedBy("plain")).toEqual([]);
});
