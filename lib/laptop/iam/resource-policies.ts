import { isRecord } from "../shared/json.ts";
import type { Statement } from "./evaluator/statement.ts";

/** A policy document of a resource: what Get…Policy calls give back. */
export interface PolicyDocument {
  readonly Version?: unknown;
  readonly Id?: unknown;
  readonly Statement: readonly unknown[];
  readonly [element: string]: unknown;
}

/** @throws CloudError for what IAM would refuse */
type Read = (document: unknown) => Statement[];

interface ResourcePolicy {
  readonly document: PolicyDocument;
  readonly statements: readonly Statement[];
}

/** The policies of resources, by the resource's ARN: as documents, and as the evaluator takes them. */
export class ResourcePolicies {
  readonly #policies = new Map<string, ResourcePolicy>();

  /** All statements of all policies. */
  get statements(): readonly Statement[] {
    return [...this.#policies.values()].flatMap(({ statements }) => statements);
  }

  document(arn: string): PolicyDocument | undefined {
    return this.#policies.get(arn)?.document;
  }

  /** What the policy of a resource says; of an object, an index or a function's version, the policy of its bucket, table or function. */
  of(arn: string): readonly Statement[] {
    return (this.#policies.get(arn) ?? this.#policies.get(ownerOf(arn)))?.statements ?? [];
  }

  set(arn: string, document: unknown, read: Read): void {
    const statements = read(document);
    const { Statement: list, ...rest } = isRecord(document) ? document : {};
    this.#policies.set(arn, { document: { ...rest, Statement: Array.isArray(list) ? list : [list] }, statements });
  }

  remove(arn: string): boolean {
    return this.#policies.delete(arn);
  }

  add(arn: string, statement: unknown, read: Read): void {
    const { document, statements = [] } = this.#policies.get(arn) ?? {};
    const { Statement: list, ...rest } = document ?? { Version: "2012-10-17", Id: "default", Statement: [] };
    const added = read({ ...rest, Statement: [statement] });
    this.#policies.set(arn, {
      document: { ...rest, Statement: [...list, statement] },
      statements: [...statements, ...added],
    });
  }

  /** Takes the statement of an id out; the policy goes with its last one. */
  removeStatement(arn: string, sid: string, read: Read): boolean {
    const document = this.document(arn);
    const left = document?.Statement.filter((statement) => !isRecord(statement) || statement["Sid"] !== sid);
    if (!document || left?.length === document.Statement.length) return false;
    if (left?.length === 0) return this.remove(arn);
    this.set(arn, { ...document, Statement: left }, read);
    return true;
  }
}

/** `arn:aws:s3:::bucket/key` is of `arn:aws:s3:::bucket`, `...:table/name/index/x` of the table, `...:function:name:live` of the function. */
function ownerOf(arn: string): string {
  if (arn.startsWith("arn:aws:s3:::")) return arn.split("/", 1)[0] ?? arn;
  if (arn.startsWith("arn:aws:dynamodb:")) return arn.replace(/\/index\/.*$/, "");
  return arn.split(":").slice(0, 7).join(":");
}
