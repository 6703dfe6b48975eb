import type { DynamoDBBatchResponse } from "aws-lambda";
import { toError } from "../errors.ts";
import type { Clients } from "../lambda/clients.ts";
import type { Log } from "../lambda/logger.ts";
import { sendAll } from "../publish/send.ts";
import { type ReadValue, unmarshall } from "../table/attribute-values.ts";
import { entryOf, type OutgoingEvent } from "../inbox/inbox-record.ts";

/** What the relay reads of a stream's record: an inbox record of a request, as it was committed. */
export interface StreamRecord {
  readonly dynamodb?: {
    readonly SequenceNumber?: string | undefined;
    readonly NewImage?: Readonly<Record<string, ReadValue>> | undefined;
  };
}

/** A Lambda handler for batches of a table's stream. */
export type RelayHandler = (event: { readonly Records: readonly StreamRecord[] }) => Promise<DynamoDBBatchResponse>;

export interface RelayOptions {
  /** The ARN of a topic, by its name; undefined for one that the service does not publish to. */
  readonly topicArn: (topic: string) => string | undefined;
  readonly sns: Clients["sns"];
  readonly log: Log;
}

/** A committed request, and the events that it has emitted. */
interface Change {
  readonly sequenceNumber: string;
  readonly outgoing: readonly OutgoingEvent[];
  /** Why the record is not readable: another version of the code may have written it. It must not hold up those behind it. */
  readonly error?: Error;
}

/**
 * Makes the handler that publishes what requests have emitted. Lambda hands out a record that is reported as failed again, and all behind it,
 * for as long as the stream keeps them (24 hours): while this execution environment lives, what is published already is not published twice.
 */
export function createRelay({ topicArn, sns, log }: RelayOptions): RelayHandler {
  /** Records that are published, but come again behind one that is not. */
  let published = new Set<string>();

  return async ({ Records }) => {
    const changes = Records.map(changeOf);
    const due = changes.filter(({ sequenceNumber }) => !published.has(sequenceNumber));
    const failures = await publish(due);
    const done = changes.map(({ sequenceNumber }) => sequenceNumber).filter((it) => !failures.has(it));
    published = failures.size > 0 ? new Set(done) : new Set();
    log.info("requests relayed", { requests: due.length - failures.size, failed: failures.size });
    for (const [sequenceNumber, error] of failures) log.warn("request not relayed, tried again", { sequenceNumber, error });
    return { batchItemFailures: [...failures.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
  };

  /** Publishes the events of changes; returns why not, by sequence number, for each that has one which is not published. */
  async function publish(changes: readonly Change[]): Promise<Map<string, Error>> {
    const events = changes.flatMap(({ sequenceNumber, outgoing }) =>
      outgoing.map(({ topic, ...message }) => ({ sequenceNumber, topic, message, arn: topicArn(topic) })),
    );
    const results = await sendAll(
      sns,
      events.flatMap(({ arn, message }) => (arn === undefined ? [] : { topicArn: arn, ...message })),
    );
    const failures = new Map<string, Error>(
      changes.flatMap(({ sequenceNumber, error }) => (error ? [[sequenceNumber, error] as const] : [])),
    );
    for (const { sequenceNumber, topic, message, arn } of events) {
      const result = arn === undefined ? { error: unknownTopic(message.type, topic) } : results.shift();
      if (result && "error" in result && !failures.has(sequenceNumber)) failures.set(sequenceNumber, result.error);
    }
    return failures;
  }
}

function changeOf({ dynamodb: { SequenceNumber = "", NewImage = {} } = {} }: StreamRecord): Change {
  try {
    return { sequenceNumber: SequenceNumber, outgoing: entryOf(unmarshall(NewImage)).outgoing };
  } catch (thrown) {
    return { sequenceNumber: SequenceNumber, outgoing: [], error: toError(thrown) };
  }
}

function unknownTopic(type: string, topic: string): Error {
  return new Error(`${type} is committed, but the service does not publish to "${topic}": deploy a version of it that does`);
}
