import { join } from "node:path";
import { type App, Duration, RemovalPolicy, Stack } from "aws-cdk-lib/core";
import { LambdaRestApi } from "aws-cdk-lib/aws-apigateway";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { S3EventSource, SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Bucket, EventType } from "aws-cdk-lib/aws-s3";
import { SnsDestination, SqsDestination } from "aws-cdk-lib/aws-s3-notifications";
import { Topic } from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue } from "aws-cdk-lib/aws-sqs";

const FUNCTIONS = join(import.meta.dirname, "functions");

/**
 * A bucket tells a function of uploads, a topic of thumbnails and a queue of removals. Custom resources of the CDK's own set up the
 * notifications, empty the bucket and keep logs for a week; a REST API and a schedule do not run on one machine.
 */
export function imagesBucket(app: App): void {
  const stack = new Stack(app, "ImagesBucket");
  const images = new Bucket(stack, "Images", {
    bucketName: "shop-images",
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
    enforceSSL: true,
  });

  const thumbnail = new LambdaFunction(stack, "Thumbnail", {
    runtime: Runtime.NODEJS_20_X,
    handler: "index.handler",
    code: Code.fromAsset(join(FUNCTIONS, "thumbnail")),
    timeout: Duration.seconds(10),
    // What most apps in the field still write, and what brings the CDK's own function along.
    logRetention: RetentionDays.ONE_WEEK,
  });
  images.grantReadWrite(thumbnail);
  const uploads = { prefix: "uploads/", suffix: ".png" };
  thumbnail.addEventSource(new S3EventSource(images, { events: [EventType.OBJECT_CREATED], filters: [uploads] }));

  const made = new Topic(stack, "ThumbnailMade");
  images.addEventNotification(EventType.OBJECT_CREATED_COPY, new SnsDestination(made), { prefix: "thumbnails/" });
  const toIndex = new Queue(stack, "ToIndex");
  made.addSubscription(new SqsSubscription(toIndex));
  const index = new Table(stack, "Index", {
    partitionKey: { name: "name", type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
  });
  const indexImage = new LambdaFunction(stack, "IndexImage", {
    runtime: Runtime.NODEJS_22_X,
    handler: "index.handler",
    code: Code.fromAsset(join(FUNCTIONS, "index-image")),
    environment: { TABLE_NAME: index.tableName },
    timeout: Duration.seconds(10),
  });
  index.grantWriteData(indexImage);
  indexImage.addEventSource(new SqsEventSource(toIndex));

  const removed = new Queue(stack, "Removed", { queueName: "removed" });
  images.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(removed));

  new LambdaRestApi(stack, "Api", { handler: thumbnail });
  new Rule(stack, "Nightly", { schedule: Schedule.cron({ hour: "3", minute: "0" }), targets: [new LambdaTarget(indexImage)] });
}
