import type { Target } from "../target/target.ts";

/** Why a target differs from what AWS documents, by behaviour; docs/parity.md shows it beside what was seen. */
export const DIFFERENCES: Readonly<Record<Target["name"], Readonly<Record<string, string>>>> = {
  embedded: {},
  localstack: {
    "filter-not-exists-empty": "LocalStack asks whether the attribute is missing, and not whether there is another.",
    "filter-numeric-anything-but":
      "LocalStack compares the attribute's text with the policy's numbers, which are never equal, so that nothing is kept back.",
    "over-ten-raw": "LocalStack drops the message, and the subscription's dead-letter queue does not get it.",
    refused: "LocalStack 4.14 does not enforce queues' policies: it delivers to the queue.",
    retention: "LocalStack deletes old messages only with SQS_ENABLE_MESSAGE_RETENTION_PERIOD=1, which is off by default.",
    "stale-handle": "LocalStack keeps the handles of all receives of a message, and any of them deletes it.",
    "copy-within-group":
      "LocalStack remembers one message for each deduplication id, whatever its group: one of another group makes it forget the first.",
    "topic-copies": "LocalStack leaves deduplication to FIFO queues; a standard queue behind a FIFO topic gets every copy.",
    "expired-in-handler":
      "LocalStack's mapping waits for an invocation before it receives again, and so never has a message twice at once.",
  },
  aws: {},
};
