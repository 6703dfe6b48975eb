import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import { Table } from "aws-cdk-lib/aws-dynamodb";
import { Code, Function as LambdaFunction, Runtime, type FunctionProps } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource, type SqsEventSourceProps } from "aws-cdk-lib/aws-lambda-event-sources";
import { Topic, type TopicProps } from "aws-cdk-lib/aws-sns";
import { Queue, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { named, RECORDS } from "../names.ts";

/** The shortest visibility timeout at which a message comes back while a test waits. */
export const SHORT = Duration.seconds(2);

/** A queue by the name that tests know; a FIFO queue's ends in `.fifo` by itself. */
export function queue(scope: Construct, name: string, props: QueueProps = {}): Queue {
  const queueName = props.fifo ? `${named(name)}.fifo` : named(name);
  return new Queue(scope, `Queue-${name}`, { visibilityTimeout: SHORT, ...props, queueName });
}

/** A topic by the name that tests know. */
export function topic(scope: Construct, name: string, props: TopicProps = {}): Topic {
  const topicName = props.fifo ? `${named(name)}.fifo` : named(name);
  return new Topic(scope, `Topic-${name}`, { ...props, topicName });
}

/** The function that does what its messages say (functions/scripted), by the name that tests know. */
export function scripted(scope: Construct, name: string, props: Partial<FunctionProps> = {}): LambdaFunction {
  const { environment, ...others } = props;
  const fn = new LambdaFunction(scope, `Function-${name}`, {
    functionName: named(name),
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromAsset(join(import.meta.dirname, "functions", "scripted")),
    memorySize: 128,
    timeout: SHORT,
    ...others,
    environment: { RECORDS, ...environment },
  });
  Table.fromTableName(scope, `Records-${name}`, RECORDS).grantWriteData(fn);
  return fn;
}

/** Feeds a function from a queue. */
export function feed(fn: LambdaFunction, from: Queue, props: SqsEventSourceProps = {}): void {
  fn.addEventSource(new SqsEventSource(from, { reportBatchItemFailures: true, ...props }));
}
