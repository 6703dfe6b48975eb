import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { topicsOf } from "#lib/contracts/topic.ts";
import { ASSEMBLY } from "../../support/assembly.ts";
import { openShop, type Shop } from "../../support/open-shop.ts";
import { arns, HERE, topics, wantedDeliveries, wantedOf, wantedOfRelay, stacks } from "./expected.ts";
import { TemplatePolicies } from "./grants.ts";
import { services } from "./journeys.ts";

/*
 * Every role and every topic, each action on each resource: what the definitions of the services ask for, and nothing else. The
 * expectation knows no policy; the answers come from the policies alone.
 */

/** Every resource of the stage, and some of others. */
const resources = [
  ...services.flatMap(({ name, consumes, secrets = [] }) => [
    arns.queue(name),
    arns.deadLetters(name),
    ...topicsOf(consumes).map((topic) => arns.undelivered(name, topic.name)),
    arns.table(name),
    `${arns.table(name)}/index/any`,
    `${arns.table(name)}/stream/any`,
    arns.log(name),
    ...secrets.map((secret) => arns.secret(name, secret)),
    `arn:aws:lambda:${HERE}:function:fanfare-dev-${name}`,
  ]),
  ...topics.map(arns.topic),
  arns.sender,
  `arn:aws:ses:${HERE}:identity/other.example`,
  `arn:aws:ssm:${HERE}:parameter/fanfare/dev/payments/PAYMENT_PROVIDER_URL`,
  "arn:aws:s3:::fanfare-dev-data/any",
  "arn:aws:sqs:us-east-1:000000000000:fanfare-prod-orders",
  "arn:aws:sqs:eu-west-1:000000000000:fanfare-dev-orders",
  "arn:aws:sqs:us-east-1:111111111111:fanfare-dev-orders",
  "*",
];

/** Every action that the runtime and its operators call, and others that would do harm. */
const actions = [
  ..."ReceiveMessage DeleteMessage ChangeMessageVisibility GetQueueAttributes SendMessage PurgeQueue DeleteQueue SetQueueAttributes StartMessageMoveTask"
    .split(" ")
    .map((action) => `sqs:${action}`),
  ..."GetItem BatchGetItem PutItem UpdateItem DeleteItem ConditionCheckItem Query Scan BatchWriteItem DeleteTable UpdateTable PartiQLSelect GetRecords GetShardIterator DescribeStream ListStreams"
    .split(" ")
    .map((action) => `dynamodb:${action}`),
  ..."Publish Subscribe SetTopicAttributes DeleteTopic".split(" ").map((action) => `sns:${action}`),
  ..."CreateLogStream PutLogEvents GetLogEvents DeleteLogGroup".split(" ").map((action) => `logs:${action}`),
  ..."SendEmail SendRawEmail".split(" ").map((action) => `ses:${action}`),
  ..."InvokeFunction UpdateFunctionCode".split(" ").map((action) => `lambda:${action}`),
  ..."GetParameter PutParameter".split(" ").map((action) => `ssm:${action}`),
  ..."GetObject PutObject".split(" ").map((action) => `s3:${action}`),
  "iam:PassRole",
  "sts:AssumeRole",
  "kms:Decrypt",
];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test.for(services.map((service) => [service.name, service] as const))(
  "the role of %s may do what the service is for",
  ([name, service]) => {
    const allowed = actions.flatMap((action) =>
      resources
        .filter((resource) => shop.cloud.cloud.iam.allows(`fanfare-dev-${name}`, action, resource))
        .map((it) => `${action} ${it}`),
    );
    expect(allowed.toSorted()).toEqual([...wantedOf(service)].toSorted());
  },
);

test.for(services.filter(({ takesRequests }) => takesRequests).map((service) => [service.name, service] as const))(
  "the relay of %s may read its stream, and publish where the service publishes",
  async ([name, service]) => {
    const stream = await streamArnOf(name);
    const relay = `fanfare-dev-${name}-relay`;
    const all = [...resources, stream, arns.log(`${name}-relay`)];
    const allowed = actions.flatMap((action) =>
      all.filter((resource) => shop.cloud.cloud.iam.allows(relay, action, resource)).map((it) => `${action} ${it}`),
    );
    const wanted = [...wantedOfRelay(service)].map((it) => it.replace(arns.stream(name), stream));
    expect(allowed.toSorted()).toEqual(wanted.toSorted());
  },
);

test("each topic may send to the queues that subscribe to it and their undelivered, no other service may, and nothing else", () => {
  const senders = [
    ...topics.map((topic) => ({ service: "sns.amazonaws.com", sourceArn: arns.topic(topic) })),
    { service: "sns.amazonaws.com", sourceArn: `arn:aws:sns:us-east-1:111111111111:fanfare-dev-${topics[0]}` },
    { service: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::somebody" },
    { service: "events.amazonaws.com", sourceArn: arns.topic(topics[0]!) },
  ];
  const allowed = senders.flatMap((sender) =>
    actions.flatMap((action) =>
      resources
        .filter((resource) => shop.cloud.cloud.iam.allows(sender, action, resource))
        .map((resource) => `${sender.service} ${sender.sourceArn} ${action} ${resource}`),
    ),
  );
  const expected = wantedDeliveries().map(
    ({ topicArn, queueArn }) => `sns.amazonaws.com ${topicArn} sqs:SendMessage ${queueArn}`,
  );
  expect(allowed.toSorted()).toEqual(expected.toSorted());
});

test("the matrix leaves out no action that a policy of the app grants", () => {
  const granted = new TemplatePolicies(ASSEMBLY, stacks).grants.map(({ action }) => action);
  expect([...new Set(granted)].filter((action) => !actions.includes(action))).toEqual([]);
});

/** The ARN of the stream of a service's table, as its stack tells it. */
async function streamArnOf(service: string): Promise<string> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ssm = new SSMClient({ endpoint: shop.cloud.cloud.endpoint, region: "us-east-1", credentials });
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: `/fanfare/dev/${service}/stream-arn` }));
  return Parameter?.Value ?? "";
}
