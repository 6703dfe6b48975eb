import { randomInt } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Policies } from "../../iam/policies.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { messageOf } from "../../shared/errors.ts";
import { resourceNotFound } from "./refusals.ts";
import { tableArn } from "./table-arn.ts";
import type { Tables } from "./tables.ts";
import { asText } from "../../shared/json.ts";

type Input = Readonly<Record<string, unknown>>;

interface Kept {
  readonly policy: string;
  readonly revision: string;
}

/** Of a table or a stream of this account. */
const OWN_ARN = new RegExp(`^${RegExp.escape(tableArn(""))}([\\w.-]+)(?:/stream/[^/]+)?$`);

/** The policies of tables and streams that are set through the API. They count for IAM as those of templates do. */
export class ResourcePolicies {
  readonly #policies: Policies;
  readonly #tables: Tables;
  readonly #database: DatabaseSync | undefined;
  readonly #kept = new Map<string, Kept>();

  /** @param database keeps them across restarts */
  constructor(policies: Policies, tables: Tables, database: DatabaseSync | undefined) {
    this.#policies = policies;
    this.#tables = tables;
    this.#database = database;
    database?.exec(
      "CREATE TABLE IF NOT EXISTS dynamodb_policies (arn TEXT PRIMARY KEY, policy TEXT NOT NULL, revision TEXT NOT NULL)",
    );
    for (const { arn, policy, revision } of database?.prepare("SELECT * FROM dynamodb_policies").all() ?? [])
      this.#set(String(arn), { policy: String(policy), revision: String(revision) });
  }

  /** Whether an operation is one of these. */
  static has(operation: string): boolean {
    return /^(Get|Put|Delete)ResourcePolicy$/.test(operation);
  }

  /** @throws AwsError as DynamoDB refuses */
  async run(operation: string, input: Input): Promise<Record<string, unknown>> {
    const arn = asText(input["ResourceArn"]);
    const [, table] = OWN_ARN.exec(arn) ?? [];
    if (table === undefined || (await this.#tables.keyNames(table)).length === 0) throw resourceNotFound();
    const known = this.#kept.get(arn);
    const { ExpectedRevisionId: expected } = input;
    if (expected !== undefined && expected !== (known?.revision ?? "NO_POLICY"))
      throw new AwsError("PolicyNotFoundException", `The policy of ${arn} does not have the revision ${asText(expected)}.`);
    if (operation === "PutResourcePolicy") return { RevisionId: this.#put(arn, asText(input["Policy"])) };
    if (known === undefined) {
      if (operation === "DeleteResourcePolicy") return {};
      throw new AwsError("PolicyNotFoundException", `Resource-based policy not found for the provided ResourceArn: ${arn}`);
    }
    if (operation === "GetResourcePolicy") return { Policy: known.policy, RevisionId: known.revision };
    this.#kept.delete(arn);
    this.#database?.prepare("DELETE FROM dynamodb_policies WHERE arn = ?").run(arn);
    this.#count(arn, JSON.stringify({ Version: "2012-10-17", Statement: [] }));
    return { RevisionId: known.revision };
  }

  #put(arn: string, policy: string): string {
    const revision = String(randomInt(2 ** 47));
    this.#set(arn, { policy, revision });
    this.#database?.prepare("INSERT OR REPLACE INTO dynamodb_policies VALUES (?, ?, ?)").run(arn, policy, revision);
    return revision;
  }

  #set(arn: string, kept: Kept): void {
    this.#count(arn, kept.policy);
    this.#kept.set(arn, kept);
  }

  #count(arn: string, policy: string): void {
    try {
      const source = { stack: "the API", logicalId: "PutResourcePolicy", type: "AWS::DynamoDB::ResourcePolicy" };
      this.#policies.setResourcePolicy(arn, JSON.parse(policy), source);
    } catch (error) {
      throw new AwsError("ValidationException", `Invalid policy document: ${messageOf(error)}`);
    }
  }
}
