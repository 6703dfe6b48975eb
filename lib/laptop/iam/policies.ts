import { isAbsentKey, isUnknownKey } from "./evaluator/condition-keys.ts";
import { managedPolicy } from "./evaluator/managed-policies.ts";
import { type PolicyKind, parsePolicy, type Statement } from "./evaluator/statement.ts";
import { type PolicyDocument, ResourcePolicies } from "./resource-policies.ts";

/** The resource of a template that a policy stands in. */
export interface PolicySource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
}

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

/** The policies of roles and of resources, from templates and from API calls. Documents are read as they come. */
export class Policies {
  readonly #roles = new Map<string, RolePolicies>();
  readonly #ofResources = new ResourcePolicies();
  readonly #managed = new Map<string, Statement[]>();
  readonly #unknown = new Map<string, UnknownPart>();
  #version = 0;

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

  /**
   * Sets the policy of a resource; an earlier one of it is replaced, as on AWS.
   *
   * @param source the template's resource that it stands in @default - it was set through an API
   * @throws CloudError as {@link parsePolicy}
   */
  setResourcePolicy(arn: string, document: unknown, source?: PolicySource): void {
    this.#ofResources.set(arn, document, this.#reader(arn, source));
  }

  /** The policy of a resource; undefined where it has none. */
  resourcePolicy(arn: string): PolicyDocument | undefined {
    return this.#ofResources.document(arn);
  }

  /** @returns whether there was one */
  removeResourcePolicy(arn: string): boolean {
    this.#version++;
    return this.#ofResources.remove(arn);
  }

  /** Adds a statement to the policy of a resource, as AddPermission does; the policy begins with it where there is none. @throws CloudError as {@link parsePolicy} */
  addStatement(arn: string, statement: unknown, source?: PolicySource): void {
    this.#ofResources.add(arn, statement, this.#reader(arn, source));
  }

  /** Takes a statement out of the policy of a resource, as RemovePermission does. @returns whether there was one of that Sid */
  removeStatement(arn: string, sid: string): boolean {
    this.#version++;
    return this.#ofResources.removeStatement(arn, sid, this.#reader(arn));
  }

  /** What the policy says that holds for a resource: its own, or that of its bucket, table or function. */
  ofResource(arn: string): readonly Statement[] {
    return this.#ofResources.of(arn);
  }

  /** All statements of the policies of resources. */
  get resourceStatements(): readonly Statement[] {
    return this.#ofResources.statements;
  }

  /** Goes up whenever a policy changes: a decision that has been kept holds until then. */
  get version(): number {
    return this.#version;
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

  #reader(arn: string, source?: PolicySource): (document: unknown) => Statement[] {
    return (document) => this.#read(document, "resource", source, `the policy of ${arn}`);
  }

  #read(document: unknown, kind: PolicyKind, source: PolicySource | undefined, owner = ""): Statement[] {
    const statements = parsePolicy(document, kind, source ? `${source.logicalId} in stack ${source.stack}` : owner);
    this.#version++;
    if (source) for (const statement of statements) this.#noteUnknownKeys(statement, source);
    return statements;
  }

  #noteUnknownKeys({ condition, place }: Statement, source: PolicySource): void {
    for (const key of condition.keys) {
      const asks = `the ${place} asks for ${key}`;
      if (isAbsentKey(key)) this.#unknown.set(asks, { source, consequence: `${asks}, which no call here has` });
      if (isUnknownKey(key))
        this.#unknown.set(asks, { source, consequence: `${asks}, which is not known here: it denies, and does not allow` });
    }
  }
}
