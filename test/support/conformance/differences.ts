import type { Target } from "../target/target.ts";

/** Why a target differs from what AWS documents, by behaviour; docs/parity.md shows it beside what was seen. */
export const DIFFERENCES: Readonly<Record<Target["name"], Readonly<Record<string, string>>>> = {
  embedded: {},
  localstack: {
    "filter-not-exists-empty": "LocalStack checks that the attribute is missing, but not that there is another one.",
    "filter-numeric-anything-but":
      "LocalStack compares the attribute's text with the policy's numbers. They are never equal, so everything is delivered.",
    "over-ten-raw": "LocalStack drops the message instead of moving it to the subscription's dead-letter queue.",
    refused: "LocalStack 4.14 does not enforce queue policies: it delivers to the queue.",
    retention: "LocalStack deletes old messages only with SQS_ENABLE_MESSAGE_RETENTION_PERIOD=1, which is off by default.",
    "copy-within-group":
      "LocalStack remembers one message per deduplication id, whatever its group: a message of another group makes it forget the first.",
    "topic-copies":
      "LocalStack leaves deduplication to FIFO queues, so a standard queue behind a FIFO topic gets every duplicate.",
    "expired-in-handler":
      "LocalStack's mapping waits for an invocation to end before it receives again, so it never has a message twice at once.",
  },
  aws: {},
};
