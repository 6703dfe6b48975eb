import { account, iamArn } from "../../../shared/account.ts";
import { isRecord } from "../../../shared/json.ts";
import { parseJson } from "../parse-json.ts";
import { invalidParameter } from "../refusals.ts";

/** What the account itself may do with its topic; AddPermission takes these actions alone. */
const ACTIONS = [
  "GetTopicAttributes",
  "SetTopicAttributes",
  "AddPermission",
  "RemovePermission",
  "DeleteTopic",
  "Subscribe",
  "ListSubscriptionsByTopic",
  "Publish",
];

/** The policy of a topic that none has been set for. */
export function defaultTopicPolicy(topicArn: string): string {
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ACTIONS.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": account.id } },
      },
    ],
  });
}

export interface Permission {
  readonly label: string;
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
}

/** A policy with one more statement, as AddPermission makes it. @throws AwsError InvalidParameter */
export function addPermission(policy: string, topicArn: string, { label, accounts, actions }: Permission): string {
  const { document, statements } = parse(policy);
  if (statements.some(({ Sid }) => Sid === label)) throw invalidParameter("Statement already exists");
  if (!actions.every((action) => ACTIONS.includes(action)))
    throw invalidParameter("Policy statement action out of service scope!");
  const statement = {
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: single(accounts.map((id) => iamArn("root").replace(account.id, id))) },
    Action: single(actions.map((action) => `SNS:${action}`)),
    Resource: topicArn,
  };
  return JSON.stringify({ ...document, Statement: [...statements, statement] });
}

/** A policy without the statement of a label. */
export function removePermission(policy: string, label: string): string {
  const { document, statements } = parse(policy);
  return JSON.stringify({ ...document, Statement: statements.filter(({ Sid }) => Sid !== label) });
}

function parse(policy: string) {
  const parsed = parseJson(policy);
  const document = isRecord(parsed) ? parsed : {};
  const given: unknown[] = Array.isArray(document["Statement"]) ? document["Statement"] : [document["Statement"]];
  return { document, statements: given.filter(isRecord) };
}

/** As policies write lists: one element stands alone. */
function single(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] ?? "") : values;
}
