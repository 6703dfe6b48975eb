import { isKnownKey } from "./evaluator/context.ts";
import { managedPolicy } from "./evaluator/managed-policies.ts";
import type { ResourceIdentity } from "../cloudformation/resource.ts";
import { type PolicyKind, parsePolicy, type Statement } from "./evaluator/statement.ts";

/** The resource of a template that a policy stands in. */
export type PolicySource = ResourceIdentity;

/** A role, with what its policies say. */
export interface RolePolicies {
  readonly arn: string;
  /** By name in lower case. */
  readonly tags: ReadonlyMap<string, string>;
  readonly identity: Statement[];
  boundary?: readonly Statement[];
}

/** Something in a policy that is not known here. */
export interface UnknownPart {
  readonly source: PolicySource;
  /** What follows from it, for a person. */
  readonly consequence: string;
}

/** The policies of the templates: of roles, and of resources. Documents are read as they come. */
export class Policies {
  readonly #roles = new Map<string, RolePolicies>();
  readonly #resources = new Map<string, Statement[]>();
  readonly #managed = new Map<string, Statement[]>();
  readonly #unknown = new Map<string, UnknownPart>();

  /** All roles, by ARN. */
  get roles(): ReadonlyMap<string, RolePolicies> {
    return this.#roles;
  }

  /** What the policies contain that is not known here. */
  get unknown(): readonly UnknownPart[] {
    return [...this.#unknown.values()];
  }

  addRole(arn: string, tags: ReadonlyMap<string, string> = new Map()): void {
    this.#roles.set(arn, { arn, tags, identity: [] });
  }

  /** The ARNs of the roles of a name; mostly one. */
  rolesNamed(name: string): string[] {
    return [...this.#roles.keys()].filter((arn) => arn.endsWith(`/${name}`));
  }

  /** Gives a role one more policy; a role that is not of the templates is left alone. @throws CloudError as {@link parsePolicy} */
  attach(roleArn: string, document: unknown, source: PolicySource): void {
    this.#roles.get(roleArn)?.identity.push(...this.#read(document, "identity", source));
  }

  /** Keeps a managed policy for the roles that name it. @throws CloudError as {@link parsePolicy} */
  define(policyArn: string, document: unknown, source: PolicySource): void {
    this.#managed.set(policyArn, this.#read(document, "identity", source));
  }

  /** Gives a role a managed policy by its ARN: one of the templates, or of AWS. */
  attachManaged(roleArn: string, policyArn: string, source: PolicySource): void {
    this.#roles.get(roleArn)?.identity.push(...this.#findManaged(policyArn, source));
  }

  /** Limits a role to what a managed policy allows. */
  bound(roleArn: string, policyArn: string, source: PolicySource): void {
    const role = this.#roles.get(roleArn);
    if (role) role.boundary = this.#findManaged(policyArn, source);
  }

  /** Sets the policy of a resource; an earlier one of it is replaced, as on AWS. @throws CloudError as {@link parsePolicy} */
  setResourcePolicy(arn: string, document: unknown, source: PolicySource): void {
    this.#resources.set(arn, this.#read(document, "resource", source));
  }

  /** Adds statements to the policy of a resource, as Lambda's AddPermission does. @throws CloudError as {@link parsePolicy} */
  addResourceStatements(arn: string, document: unknown, source: PolicySource): void {
    this.#resources.set(arn, [...this.ofResource(arn), ...this.#read(document, "resource", source)]);
  }

  /** What the policy of a resource says; of an object, an index or a function's version, the policy of its bucket, table or function. */
  ofResource(arn: string): readonly Statement[] {
    return this.#resources.get(arn) ?? this.#resources.get(ownerOf(arn)) ?? [];
  }

  /** All statements of the policies of resources. */
  get resourceStatements(): readonly Statement[] {
    return [...this.#resources.values()].flat();
  }

  #findManaged(policyArn: string, source: PolicySource): readonly Statement[] {
    const ofTemplate = this.#managed.get(policyArn);
    if (ofTemplate) return ofTemplate;
    const document = managedPolicy(policyArn);
    if (document) return parsePolicy(document, "identity", policyArn);
    this.#unknown.set(policyArn, {
      source,
      consequence: `the policy ${policyArn} is not known here: what it alone allows is refused`,
    });
    return [];
  }

  #read(document: unknown, kind: PolicyKind, source: PolicySource): Statement[] {
    const statements = parsePolicy(document, kind, `${source.logicalId} in stack ${source.stack}`);
    for (const { condition, place } of statements) {
      for (const key of condition.keys.filter((it) => !isKnownKey(it))) {
        this.#unknown.set(`${place} ${key}`, { source, consequence: `the ${place} asks for ${key}, which no call here has` });
      }
    }
    return statements;
  }
}

/** `arn:aws:s3:::bucket/key` is of `arn:aws:s3:::bucket`, `...:table/name/index/x` of the table, `...:function:name:live` of the function. */
function ownerOf(arn: string): string {
  if (arn.startsWith("arn:aws:s3:::")) return arn.split("/", 1)[0] ?? arn;
  if (arn.startsWith("arn:aws:dynamodb:")) return arn.replace(/\/index\/.*$/, "");
  return arn.split(":").slice(0, 7).join(":");
}
