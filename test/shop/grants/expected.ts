import type { ServiceDefinition } from "#lib/contracts/service.ts";
import { topicsOf } from "#lib/contracts/topic.ts";
import { services } from "./journeys.ts";

/* Who has to do what in the reference app, computed from what the services are: this file knows no policy. */

export const HERE = "us-east-1:000000000000";

/** The stacks of the reference app that have policies. */
export const stacks = ["backbone", ...services.flatMap(({ name }) => [name, `${name}-function`])].map(
  (it) => `fanfare-dev-${it}`,
);

/** The topics that services consume from or publish to. */
export const topics = [
  ...new Set(services.flatMap(({ consumes, publishes }) => topicsOf([...consumes, ...publishes])).map(({ name }) => name)),
];

/** ARNs of a stage's resources, by service and topic. */
export const arns = {
  queue: (service: string) => `arn:aws:sqs:${HERE}:fanfare-dev-${service}`,
  deadLetters: (service: string) => `arn:aws:sqs:${HERE}:fanfare-dev-${service}-dlq`,
  undelivered: (service: string, topic: string) => `arn:aws:sqs:${HERE}:fanfare-dev-${service}-${topic}-undelivered`,
  table: (service: string) => `arn:aws:dynamodb:${HERE}:table/fanfare-dev-${service}`,
  stream: (service: string) => `arn:aws:dynamodb:${HERE}:table/fanfare-dev-${service}/stream/any`,
  topic: (topic: string) => `arn:aws:sns:${HERE}:fanfare-dev-${topic}`,
  log: (service: string) => `arn:aws:logs:${HERE}:log-group:/fanfare/dev/${service}:log-stream:today`,
  secret: (service: string, name: string) => `arn:aws:ssm:${HERE}:parameter/fanfare/dev/${service}/${name}`,
  sender: `arn:aws:ses:${HERE}:identity/shop.example`,
};

/** What a service's function has to do, as `action ARN`. */
export function wantedOf({ name, publishes, inbox, secrets = [], sendsEmail = false }: ServiceDefinition): Set<string> {
  const on = (resource: string, ...names: string[]) => names.map((action) => `${action} ${resource}`);
  return new Set([
    ...on(arns.queue(name), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"),
    ...on(arns.queue(name), "sqs:SendMessage"),
    ...on(arns.deadLetters(name), "sqs:SendMessage"),
    ...on(
      arns.table(name),
      ...["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"].map((it) => `dynamodb:${it}`),
    ),
    ...(inbox ? on(arns.table(name), "dynamodb:Scan") : []),
    ...topicsOf(publishes).flatMap((topic) => on(arns.topic(topic.name), "sns:Publish")),
    ...on(arns.log(name), "logs:CreateLogStream", "logs:PutLogEvents"),
    ...secrets.flatMap((secret) => on(arns.secret(name, secret), "ssm:GetParameter")),
    ...(sendsEmail ? on(arns.sender, "ses:SendEmail") : []),
  ]);
}

/** What the relay of a service that takes requests has to do. */
export function wantedOfRelay({ name, publishes }: ServiceDefinition): Set<string> {
  return new Set([
    ...["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map((it) => `dynamodb:${it} ${arns.stream(name)}`),
    ...topicsOf(publishes).map((topic) => `sns:Publish ${arns.topic(topic.name)}`),
    ...["CreateLogStream", "PutLogEvents"].map((it) => `logs:${it} ${arns.log(`${name}-relay`)}`),
  ]);
}

/** What SNS has to do for each topic: put its events into the queues that subscribe, or into those for what they do not take. */
export function wantedDeliveries(): { topicArn: string; queueArn: string }[] {
  return services.flatMap(({ name, consumes }) =>
    topicsOf(consumes).flatMap((topic) =>
      [arns.queue(name), arns.undelivered(name, topic.name)].map((queueArn) => ({
        topicArn: arns.topic(topic.name),
        queueArn,
      })),
    ),
  );
}
