import { type AwsAnswer, type AwsCall, jsonAnswer, parsed, records, withInput } from "./aws-call.ts";

/** A batch call without the entries that fail through AWS's own fault. */
export interface SplitBatch {
  /** The call with the entries that are carried out; undefined if there are none. */
  readonly call: AwsCall | undefined;
  /** Ids of the entries that fail. */
  readonly failed: readonly string[];
}

/** Takes entries out of a batch call. @param fails decides for each entry */
export function splitBatch(call: AwsCall, fails: () => boolean): SplitBatch {
  if (!call.operation.endsWith("Batch")) return { call, failed: [] };
  return call.input ? splitJson(call, call.input, fails) : splitForm(call, fails);
}

function splitJson(call: AwsCall, input: Readonly<Record<string, unknown>>, fails: () => boolean): SplitBatch {
  const { failing = [], others = [] } = divide(records(input["Entries"]), fails);
  const failed = failing.map(({ Id }) => String(Id));
  return { call: others.length === 0 ? undefined : withInput(call, { ...input, Entries: others }), failed };
}

const MEMBER = /^PublishBatchRequestEntries\.member\.(\d+)\.(.+)$/;

function splitForm(call: AwsCall, fails: () => boolean): SplitBatch {
  const fields = [...new URLSearchParams(call.body)];
  const entries = Map.groupBy(
    fields.filter(([name]) => MEMBER.test(name)),
    ([name]) => MEMBER.exec(name)![1]!,
  );
  const { failing = [], others = [] } = divide([...entries.values()], fails);
  const kept = others.flatMap((entry, index) =>
    entry.map(([name, value]): [string, string] => [
      name.replace(MEMBER, `PublishBatchRequestEntries.member.${index + 1}.$2`),
      value,
    ]),
  );
  const body = new URLSearchParams([...fields.filter(([name]) => !MEMBER.test(name)), ...kept]).toString();
  const failed = failing.flatMap((entry) => entry.filter(([name]) => name.endsWith(".Id")).map(([, id]) => id));
  return { call: others.length === 0 ? undefined : { ...call, body }, failed };
}

function divide<Entry>(entries: readonly Entry[], fails: () => boolean): Partial<Record<"failing" | "others", Entry[]>> {
  return Object.groupBy(entries, () => (fails() ? "failing" : "others"));
}

/** The answer of a batch of which some entries failed. @param answer to the other entries; undefined if there were none */
export function withFailed(call: AwsCall, answer: AwsAnswer | undefined, failed: readonly string[]): AwsAnswer {
  if (call.input) {
    const rest = answer ? parsed(answer.body) : {};
    const more = failed.map((Id) => ({ Id, SenderFault: false, Code: "InternalError", Message: "try again" }));
    return jsonAnswer(200, { ...rest, Failed: [...records(rest?.["Failed"]), ...more] });
  }
  const more = failed.map(
    (id) =>
      `<member><Id>${id}</Id><SenderFault>false</SenderFault><Code>InternalError</Code><Message>try again</Message></member>`,
  );
  const successful = /<Successful>.*<\/Successful>/s.exec(answer?.body ?? "")?.[0] ?? "<Successful/>";
  const result = `<PublishBatchResult>${successful}<Failed>${more.join("")}</Failed></PublishBatchResult>`;
  const body = `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishBatchResponse>`;
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}
