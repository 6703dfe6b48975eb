import type { MessageAttribute, TopicMessage } from "./message.ts";

/** A call of the Query protocol: its parameters by name. */
export type Form = Readonly<Record<string, string>>;

/** An entry of PublishBatch. */
export interface BatchEntry {
  readonly id: string;
  readonly message: TopicMessage;
}

/** The message of a call of Publish. */
export function messageOf(form: Form): TopicMessage {
  return readMessage(form, "");
}

/** The entries of a call of PublishBatch, in their order. */
export function entriesOf(form: Form): BatchEntry[] {
  return numbered(form, "PublishBatchRequestEntries.member.").map((prefix) => ({
    id: form[`${prefix}Id`] ?? "",
    message: readMessage(form, prefix),
  }));
}

function readMessage(form: Form, prefix: string): TopicMessage {
  const optional = (name: string) => form[prefix + name] || undefined;
  const subject = optional("Subject");
  const structure = optional("MessageStructure");
  const groupId = optional("MessageGroupId");
  const deduplicationId = optional("MessageDeduplicationId");
  return {
    body: form[`${prefix}Message`] ?? "",
    attributes: readAttributes(form, `${prefix}MessageAttributes.entry.`),
    ...(subject !== undefined && { subject }),
    ...(structure !== undefined && { structure }),
    ...(groupId !== undefined && { groupId }),
    ...(deduplicationId !== undefined && { deduplicationId }),
  };
}

function readAttributes(form: Form, list: string): Record<string, MessageAttribute> {
  const attributes: Record<string, MessageAttribute> = {};
  for (const prefix of numbered(form, list)) {
    const { [`${prefix}Name`]: name, [`${prefix}Value.DataType`]: DataType } = form;
    if (name === undefined || DataType === undefined) continue;
    const { [`${prefix}Value.StringValue`]: StringValue, [`${prefix}Value.BinaryValue`]: BinaryValue } = form;
    attributes[name] = {
      DataType,
      ...(StringValue !== undefined && { StringValue }),
      ...(BinaryValue !== undefined && { BinaryValue }),
    };
  }
  return attributes;
}

/** The prefixes of a list's members: `<list>1.`, `<list>2.`, … */
function numbered(form: Form, list: string): string[] {
  const numbers = Object.keys(form)
    .filter((name) => name.startsWith(list))
    .map((name) => Number(name.slice(list.length).split(".", 1)[0]));
  return [...new Set(numbers)].toSorted((a, b) => a - b).map((number) => `${list}${number}.`);
}
