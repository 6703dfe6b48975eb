import type { DatabaseSync, StatementSync } from "node:sqlite";
import { CloudError } from "../../shared/errors.ts";
import { isRecord } from "../../shared/json.ts";
import { parseJson } from "./parse-json.ts";
import type { SubscriptionState } from "./subscriptions/subscription.ts";
import type { TopicState } from "./topics/topic.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS sns_topics (arn TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sns_subscriptions (arn TEXT PRIMARY KEY, topic TEXT NOT NULL, state TEXT NOT NULL);
`;

/** Topics and subscriptions in a database, a row each with its state as JSON. */
export class Kept {
  readonly #statements: Readonly<Record<Statement, StatementSync>>;

  constructor(database: DatabaseSync) {
    database.exec(TABLES);
    this.#statements = {
      topics: database.prepare("SELECT state FROM sns_topics ORDER BY arn"),
      subscriptions: database.prepare("SELECT topic, state FROM sns_subscriptions ORDER BY rowid"),
      saveTopic: database.prepare("INSERT INTO sns_topics VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state"),
      saveSubscription: database.prepare(
        "INSERT INTO sns_subscriptions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state",
      ),
      forgetTopic: database.prepare("DELETE FROM sns_topics WHERE arn = ?"),
      forgetSubscription: database.prepare("DELETE FROM sns_subscriptions WHERE arn = ?"),
    };
  }

  topics(): TopicState[] {
    return this.#statements.topics.all().map((row) => topicState(row["state"]));
  }

  /** With the ARNs of their topics, in the order in which they came. */
  subscriptions(): [topicArn: string, SubscriptionState][] {
    return this.#statements.subscriptions.all().map((row) => [String(row["topic"]), subscriptionState(row["state"])]);
  }

  saveTopic(state: TopicState): void {
    this.#statements.saveTopic.run(state.arn, JSON.stringify(state));
  }

  saveSubscription(topicArn: string, state: SubscriptionState): void {
    this.#statements.saveSubscription.run(state.arn, topicArn, JSON.stringify(state));
  }

  forgetTopic(arn: string): void {
    this.#statements.forgetTopic.run(arn);
  }

  forgetSubscription(arn: string): void {
    this.#statements.forgetSubscription.run(arn);
  }
}

type Statement = "topics" | "subscriptions" | "saveTopic" | "saveSubscription" | "forgetTopic" | "forgetSubscription";

function topicState(column: unknown): TopicState {
  const state = read(column);
  const { arn } = state;
  if (typeof arn !== "string") throw broken();
  return { arn, attributes: texts(state["attributes"]), tags: texts(state["tags"]) };
}

function subscriptionState(column: unknown): SubscriptionState {
  const state = read(column);
  if (["arn", "protocol", "endpoint", "principal"].some((name) => typeof state[name] !== "string")) throw broken();
  return {
    arn: String(state["arn"]),
    protocol: String(state["protocol"]),
    endpoint: String(state["endpoint"]),
    principal: String(state["principal"]),
    attributes: texts(state["attributes"]),
    ...(typeof state["token"] === "string" && { token: state["token"] }),
    confirmed: state["confirmed"] === true,
    authenticated: state["authenticated"] === true,
    endsSigned: state["endsSigned"] === true,
    ofTemplate: state["ofTemplate"] === true,
  };
}

function read(column: unknown): Readonly<Record<string, unknown>> {
  const state = parseJson(String(column));
  if (!isRecord(state)) throw broken();
  return state;
}

function broken(): CloudError {
  return new CloudError(
    "The kept topics are broken: a row of cloud.sqlite is not as a cloud would have left it. Restore it, or delete it to begin without what it held.",
  );
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(isRecord(value) ? value : {}).map(([name, text]) => [name, String(text)]));
}
