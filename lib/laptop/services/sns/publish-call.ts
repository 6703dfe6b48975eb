import { randomUUID } from "node:crypto";
import { AwsError } from "../../shared/aws-error.ts";
import { xmlText } from "../../shared/xml.ts";
import { type BatchEntry, entriesOf, type Form, messageOf } from "./publish-form.ts";
import type { Receipt, TopicPublisher } from "./publisher.ts";

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

/** Entries of PublishBatch: general/latest/gr/sns. */
const BATCH_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

/** An answer of the Query protocol. */
export interface XmlAnswer {
  readonly status: number;
  readonly body: string;
}

/** Answers a call of SNS's Publish or PublishBatch; undefined for another action, which is somebody else's. */
export function answerPublish(form: Form, publisher: TopicPublisher): XmlAnswer | undefined {
  if (form["Action"] !== "Publish" && form["Action"] !== "PublishBatch") return undefined;
  try {
    const topic = publisher.topic(topicArnOf(form));
    if (form["Action"] === "Publish") return succeeded("Publish", receiptXml(publisher.publish(topic, messageOf(form))));
    const entries = entriesOf(form);
    checkEntries(entries);
    return succeeded(
      "PublishBatch",
      batchXml(entries, (entry) => publisher.publish(topic, entry.message)),
    );
  } catch (thrown) {
    if (thrown instanceof AwsError) return refused(thrown);
    throw thrown;
  }
}

function topicArnOf({ TopicArn, TargetArn }: Form): string {
  const topicArn = TopicArn || TargetArn;
  if (!topicArn)
    throw new AwsError("InvalidParameter", "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter");
  return topicArn;
}

function checkEntries(entries: readonly BatchEntry[]): void {
  if (entries.length === 0) throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (entries.length > BATCH_ENTRIES) {
    throw new AwsError("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
  }
  if (!entries.every(({ id }) => ENTRY_ID.test(id))) {
    throw new AwsError("InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification.");
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    throw new AwsError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
  }
}

function batchXml(entries: readonly BatchEntry[], publish: (entry: BatchEntry) => Receipt): string {
  const successful: string[] = [];
  const failed: string[] = [];
  for (const entry of entries) {
    try {
      successful.push(`<member><Id>${entry.id}</Id>${receiptXml(publish(entry))}</member>`);
    } catch (thrown) {
      if (!(thrown instanceof AwsError)) throw thrown;
      const { code, message } = thrown;
      failed.push(
        `<member><Id>${entry.id}</Id><Code>${code}</Code><Message>${xmlText(message)}</Message><SenderFault>true</SenderFault></member>`,
      );
    }
  }
  return `<Successful>${successful.join("")}</Successful><Failed>${failed.join("")}</Failed>`;
}

function receiptXml({ messageId, sequenceNumber }: Receipt): string {
  const sequence = sequenceNumber === undefined ? "" : `<SequenceNumber>${sequenceNumber}</SequenceNumber>`;
  return `<MessageId>${messageId}</MessageId>${sequence}`;
}

function succeeded(action: string, result: string): XmlAnswer {
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  return {
    status: 200,
    body: `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result>${metadata}</${action}Response>`,
  };
}

function refused({ code, message, status }: AwsError): XmlAnswer {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${xmlText(message)}</Message></Error>`;
  return { status, body: `<ErrorResponse xmlns="${NAMESPACE}">${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>` };
}
