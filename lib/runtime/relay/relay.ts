import type { DynamoDBBatchResponse } from "aws-lambda";
import { toError } from "../errors.ts";
import type { Clients } from "../lambda/clients.ts";
import type { Log } from "../lambda/logger.ts";
import { sendAll } from "../publish/send.ts";
import { type ReadValue, unmarshall } from "../table/attribute-values.ts";
import { entryOf, type OutgoingEvent } from "../inbox/inbox-record.ts";

/** What the relay reads of a stream's record: an inbox record of a request, as it was committed. */
export interface StreamRecord {
  /** No other record of any shard has it. API_streams_Record */
  readonly eventID?: string | undefined;
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
  readonly id: string;
  readonly sequenceNumber: string;
  readonly outgoing: readonly OutgoingEvent[];
  /** Why the record is not readable: another version of the code may have written it. It must not hold up those behind it. */
  readonly error?: Error;
}

/** Events that are remembered as published, at most: far more than the batches of a table's shards hold. */
const MOST_REMEMBERED = 10_000;

/**
 * Makes the handler that publishes what requests have emitted. Lambda hands out a record that is reported as failed again, and all behind it,
 * for as long as the stream keeps them (24 hours): while this execution environment lives, what is published already is not published twice.
 */
export function createRelay({ topicArn, sns, log }: RelayOptions): RelayHandler {
  /** Events that are published and whose records come again, the oldest first. Batches of other shards may come before those do. */
  const published = new Set<string>();

  return async ({ Records }) => {
    const changes = Records.map(changeOf);
    const failures = await publish(changes);
    if (failures.size === 0) for (const { name } of changes.flatMap(eventsOf)) published.delete(name);
    for (const name of [...published].slice(0, -MOST_REMEMBERED)) published.delete(name);
    log.info("requests relayed", { requests: changes.length - failures.size, failed: failures.size });
    for (const [sequenceNumber, error] of failures) log.warn("request not relayed, tried again", { sequenceNumber, error });
    return { batchItemFailures: [...failures.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
  };

  /** Publishes the events of changes; returns why not, by sequence number, for each that has one which is not published. */
  async function publish(changes: readonly Change[]): Promise<Map<string, Error>> {
    const events = changes
      .flatMap(eventsOf)
      .filter(({ name }) => !published.has(name))
      .map((event) => ({ ...event, arn: topicArn(event.topic) }));
    const results = await sendAll(
      sns,
      events.flatMap(({ arn, message }) => (arn === undefined ? [] : { topicArn: arn, ...message })),
    );
    const failures = new Map<string, Error>(
      changes.flatMap(({ sequenceNumber, error }) => (error ? [[sequenceNumber, error] as const] : [])),
    );
    for (const { name, sequenceNumber, topic, message, arn } of events) {
      const result = arn === undefined ? { error: unknownTopic(message.type, topic) } : results.shift();
      if (!result || !("error" in result)) published.add(name);
      else if (!failures.has(sequenceNumber)) failures.set(sequenceNumber, result.error);
    }
    return failures;
  }
}

/** The events of a change, each with a name that no other has. */
function eventsOf({ id, sequenceNumber, outgoing }: Change) {
  return outgoing.map(({ topic, ...message }, index) => ({ name: `${id} ${index}`, sequenceNumber, topic, message }));
}

function changeOf({ eventID, dynamodb: { SequenceNumber: sequenceNumber = "", NewImage = {} } = {} }: StreamRecord): Change {
  const named = { id: eventID ?? sequenceNumber, sequenceNumber };
  try {
    return { ...named, outgoing: entryOf(unmarshall(NewImage)).outgoing };
  } catch (thrown) {
    return { ...named, outgoing: [], error: toError(thrown) };
  }
}

function unknownTopic(type: string, topic: string): Error {
  return new Error(`${type} is committed, but the service does not publish to "${topic}": deploy a version of it that does`);
}
