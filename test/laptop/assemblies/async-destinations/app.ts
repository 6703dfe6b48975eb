import { Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";
import { LambdaDestination, SnsDestination, SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { SubscriptionFilter, Topic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription, SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { type App, Duration, Stack } from "aws-cdk-lib/core";

/** Refuses what says so, and tells the length of the rest. */
const MEASURE = `
exports.handler = async ({ Records: [{ Sns }] }) => {
  if (Sns.Message === "poison") throw new Error("cannot measure " + Sns.Message);
  return { length: Sns.Message.length };
};`;

/** Is given the record of what the first function gave back. */
const STORE = `exports.handler = async ({ responsePayload }) => console.log("stored", responsePayload.length);`;

/** A topic invokes a function directly; its results go to another function, its failures to a topic. */
export function addAsyncDestinations(app: App): void {
  const stack = new Stack(app, "async-destinations");
  const functionOf = (id: string, source: string, properties: object = {}) =>
    new Function(stack, id, {
      functionName: id.toLowerCase(),
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: Code.fromInline(source),
      ...properties,
    });

  const failures = new Topic(stack, "Failures");
  failures.addSubscription(
    new SqsSubscription(new Queue(stack, "FailureQueue", { queueName: "failures" }), { rawMessageDelivery: true }),
  );
  const archive = new Queue(stack, "Archive", { queueName: "archive" });
  const store = functionOf("Store", STORE, { onSuccess: new SqsDestination(archive) });
  const measure = functionOf("Measure", MEASURE, {
    onSuccess: new LambdaDestination(store),
    onFailure: new SnsDestination(failures),
    retryAttempts: 1,
    maxEventAge: Duration.hours(1),
  });

  new Topic(stack, "Texts", { topicName: "texts" }).addSubscription(
    new LambdaSubscription(measure, {
      filterPolicy: { language: SubscriptionFilter.stringFilter({ allowlist: ["en"] }) },
      deadLetterQueue: new Queue(stack, "Undelivered", { queueName: "undelivered" }),
    }),
  );
}
