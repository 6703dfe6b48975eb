import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import { Table } from "aws-cdk-lib/aws-dynamodb";
import { Code, Function as LambdaFunction, Runtime, type FunctionProps } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource, type SqsEventSourceProps } from "aws-cdk-lib/aws-lambda-event-sources";
import { Topic, type TopicProps } from "aws-cdk-lib/aws-sns";
import { Queue, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { named, RECORDS } from "./names.ts";

/** The visibility timeout of queues that tests read themselves. */
const SHORT = Duration.seconds(2);

/** What functions may take, on a machine that has other things to do as well; a queue that feeds one hides messages as long at least. */
const TIMEOUT = Duration.seconds(5);

/**
 * The visibility timeout of queues that feed functions, in seconds: the context value `visibility`. It is to be longer than a cold
 * start and the function together.
 */
const FED_SECONDS = 10;

/** A queue by the name that tests know; a FIFO queue's ends in `.fifo` by itself. */
export function queue(scope: Construct, name: string, props: QueueProps = {}): Queue {
  const queueName = props.fifo ? `${named(name)}.fifo` : named(name);
  return new Queue(scope, `Queue-${name}`, { visibilityTimeout: SHORT, ...props, queueName });
}

/** A queue that is to feed a function. */
export function fedQueue(scope: Construct, name: string, props: QueueProps = {}): Queue {
  const seconds = Number(scope.node.tryGetContext("visibility") ?? FED_SECONDS);
  return queue(scope, name, { visibilityTimeout: Duration.seconds(seconds), ...props });
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
    timeout: TIMEOUT,
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
