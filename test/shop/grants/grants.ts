import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { access } from "#lib/laptop/iam/access.ts";
import { AccessControl } from "#lib/laptop/iam/access-control.ts";
import { Policies } from "#lib/laptop/iam/policies.ts";
import type { Principal } from "#lib/laptop/iam/evaluator/principal.ts";

/*
 * The grants of an assembly, read from its templates without the laptop cloud's own reader: the few expressions that stand in
 * policies are resolved here by hand.
 */

const account = "us-east-1:000000000000";

/** One action on one resource that one statement allows. */
export interface Grant {
  /** The stack, and the path of the statement in its template; the same for all grants of the statement. */
  readonly stack: string;
  readonly statement: string;
  /** The role's ARN, or the service and the topic that it acts for. */
  readonly grantee: string;
  readonly action: string;
  readonly resource: string;
}

/** What may be done, or is: `who action resource`. */
export interface Use {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
}

const oneOrMany = v.pipe(
  v.union([v.array(v.unknown()), v.unknown()]),
  v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
);
const statementSchema = v.looseObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Action: oneOrMany,
  Resource: oneOrMany,
  Principal: v.optional(v.unknown()),
  Condition: v.optional(v.unknown()),
});
const documentSchema = v.looseObject({ Statement: v.array(statementSchema) });
const templateSchema = v.looseObject({
  Parameters: v.optional(v.record(v.string(), v.looseObject({ Default: v.optional(v.string()) })), {}),
  Resources: v.record(v.string(), v.looseObject({ Type: v.string(), Properties: v.optional(v.looseObject({}), {}) })),
});
type Template = v.InferOutput<typeof templateSchema>;
type Document = v.InferOutput<typeof documentSchema>;

/** A policy document of a template. */
interface Found {
  readonly stack: string;
  readonly logicalId: string;
  /** The role's ARN, or those of the queues and topics that the policy is of. */
  readonly role?: string;
  readonly resources?: readonly string[];
  readonly document: Document;
}

/** Reads the policies of some stacks of an assembly. */
export class TemplatePolicies {
  readonly #found: readonly Found[];

  constructor(assembly: string, stacks: readonly string[]) {
    this.#found = stacks.flatMap((stack) => {
      const text = readFileSync(join(assembly, `${stack}.template.json`), "utf8");
      return policiesOf(stack, v.parse(templateSchema, JSON.parse(text)));
    });
  }

  /** Every action on every resource that some statement allows. */
  get grants(): Grant[] {
    return this.#found.flatMap(({ stack, logicalId, role, document }) =>
      document.Statement.flatMap((statement, index) => {
        if (statement.Effect === "Deny") return [];
        return statement.Action.flatMap((action) =>
          statement.Resource.map((resource) => ({
            stack,
            statement: `${logicalId}/${index}`,
            grantee: role ?? granteeOf(statement),
            action: String(action),
            resource: String(resource),
          })),
        );
      }),
    );
  }

  /** Those uses that the policies refuse once a grant has been taken from them. */
  refusedWithout(removed: Grant | undefined, uses: readonly Use[]): Use[] {
    const policies = new Policies();
    const roles = this.#found.flatMap(({ role }) => role ?? []);
    for (const role of roles) policies.addRole(role);
    for (const { stack, logicalId, role, resources = [], document } of this.#found) {
      const source = { stack, logicalId, type: "policy" };
      const reduced = without(
        document,
        (index) => stack === removed?.stack && `${logicalId}/${index}` === removed.statement,
        removed,
      );
      if (reduced.Statement.length === 0) continue;
      if (role !== undefined) policies.attach(role, reduced, source);
      for (const resource of resources) policies.setResourcePolicy(resource, reduced, source);
    }
    const control = new AccessControl("enforce", policies, () => {});
    return uses.filter(({ principal, action, resource }) => !control.allows(principal, access(action, resource)));
  }
}

/** A document in which one statement lacks an action on a resource. */
function without(document: Document, isMeant: (index: number) => boolean, removed: Grant | undefined): Document {
  const statements = document.Statement.flatMap((statement, index) => {
    if (removed === undefined || !isMeant(index)) return [statement];
    const actions = statement.Action.filter((action) => action !== removed.action);
    const resources = statement.Resource.filter((resource) => resource !== removed.resource);
    return [
      { ...statement, Action: actions },
      { ...statement, Action: [removed.action], Resource: resources },
    ].filter(({ Action, Resource }) => Action.length > 0 && Resource.length > 0);
  });
  return { Version: "2012-10-17", Statement: statements };
}

function policiesOf(stack: string, template: Template): Found[] {
  return Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties }]): Found[] => {
    const document = (value: unknown) => v.parse(documentSchema, resolved(value, template));
    if (Type === "AWS::IAM::Role") {
      const { Policies: inline } = v.parse(
        v.looseObject({ Policies: v.array(v.looseObject({ PolicyDocument: v.unknown() })) }),
        Properties,
      );
      const role = `arn:aws:iam::000000000000:role/${stack}-${logicalId}`;
      return inline.map(({ PolicyDocument }) => ({ stack, logicalId, role, document: document(PolicyDocument) }));
    }
    if (Type !== "AWS::SQS::QueuePolicy" && Type !== "AWS::SNS::TopicPolicy") return [];
    const policy = v.parse(
      v.looseObject({
        PolicyDocument: v.unknown(),
        Queues: v.optional(v.array(v.unknown()), []),
        Topics: v.optional(v.array(v.unknown()), []),
      }),
      Properties,
    );
    const resources = [...policy.Queues, ...policy.Topics].map((it) => String(resolved(it, template)));
    return [{ stack, logicalId, resources, document: document(policy.PolicyDocument) }];
  });
}

function granteeOf({ Principal, Condition }: Document["Statement"][number]): string {
  const { Service } = v.parse(v.looseObject({ Service: v.string() }), Principal);
  const { ArnEquals } = v.parse(v.looseObject({ ArnEquals: v.looseObject({ "aws:SourceArn": v.string() }) }), Condition);
  return `${Service} for ${ArnEquals["aws:SourceArn"]}`;
}

/** A value of a template with Ref, Fn::GetAtt and Fn::Join resolved, each to the ARN of what it means. */
function resolved(value: unknown, template: Template): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, template));
  if (typeof value !== "object" || value === null) return value;
  if ("Ref" in value) return arnOf(String(value.Ref), template);
  if ("Fn::GetAtt" in value && Array.isArray(value["Fn::GetAtt"])) return arnOf(String(value["Fn::GetAtt"][0]), template);
  if ("Fn::Join" in value && Array.isArray(value["Fn::Join"])) {
    const [separator, parts]: unknown[] = value["Fn::Join"];
    const texts = resolved(parts, template);
    return Array.isArray(texts) ? texts.join(String(separator)) : undefined;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolved(member, template)]));
}

const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": "us-east-1",
  "AWS::AccountId": "000000000000",
};

function arnOf(name: string, template: Template): string {
  const pseudo = PSEUDO[name];
  if (pseudo !== undefined) return pseudo;
  const parameter = template.Parameters[name]?.Default;
  // `/fanfare/dev/orders/stream-arn`
  const [, streaming] = /^\/fanfare\/dev\/([a-z-]+)\/stream-arn$/.exec(parameter ?? "") ?? [];
  if (streaming !== undefined) return `arn:aws:dynamodb:${account}:table/fanfare-dev-${streaming}/stream/any`;
  // `/fanfare/dev/topics/orders`
  if (parameter !== undefined) return `arn:aws:sns:${account}:fanfare-dev-${parameter.split("/").at(-1)}`;
  const { Type = "nothing", Properties = {} } = template.Resources[name] ?? {};
  const named = (property: string) => v.parse(v.looseObject({ [property]: v.string() }), Properties)[property];
  switch (Type) {
    case "AWS::SQS::Queue":
      return `arn:aws:sqs:${account}:${named("QueueName")}`;
    case "AWS::SNS::Topic":
      return `arn:aws:sns:${account}:${named("TopicName")}`;
    case "AWS::DynamoDB::Table":
    case "AWS::DynamoDB::GlobalTable":
      return `arn:aws:dynamodb:${account}:table/${named("TableName")}`;
    case "AWS::Logs::LogGroup":
      return `arn:aws:logs:${account}:log-group:${named("LogGroupName")}:*`;
    default:
      throw new Error(`a policy refers to ${name}, which is ${Type}`);
  }
}
