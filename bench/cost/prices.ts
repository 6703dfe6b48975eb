/** Prices in dollars, us-east-1, without free tiers; AWS's price list of September 2026. */

const MILLION = 1_000_000;

export const PRICES = {
  /** A publish to a standard topic, per started 64 KB. aws.amazon.com/sns/pricing */
  snsRequest: 0.5 / MILLION,
  /** A request to a standard queue, per started 64 KB. aws.amazon.com/sqs/pricing */
  sqsRequest: 0.4 / MILLION,
  /** aws.amazon.com/lambda/pricing */
  invocation: 0.2 / MILLION,
  /** Per GB and second, arm64. */
  gigabyteSecond: 0.0000133334,
  /** On demand. aws.amazon.com/dynamodb/pricing/on-demand */
  writeUnit: 0.625 / MILLION,
  readUnit: 0.125 / MILLION,
  /** Per GB that CloudWatch Logs takes in. aws.amazon.com/cloudwatch/pricing */
  logGigabyte: 0.5,
} as const;

/** What SNS and SQS bill as one request. */
export const REQUEST_BYTES = 64 * 1024;

/** SQS requests per delivery: SNS's send, one receive and one delete. A batch shares the last two. */
export const REQUESTS_PER_DELIVERY = 3;

/**
 * What CloudWatch Logs counts for a line beside its text. AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents
 */
export const LOG_LINE_BYTES = 26;
