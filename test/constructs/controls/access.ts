import { at, objects, type Properties } from "../fixture.ts";
import type { Control } from "./control.ts";
import { first, isForEverybody, ofType, type Resource, type Stage, statementsOf, texts } from "./stage.ts";

/** A wildcard that stays. */
interface Excuse {
  /** Of the resource with the policy. */
  readonly type: string;
  /** What of the statement has the wildcard. */
  readonly key: "Action" | "Resource";
  readonly wildcard: RegExp;
  /** The action that alone may have it. @default - any */
  readonly action?: string;
  readonly reason: string;
}

/** The wildcards that stay, each with its reason. */
export const EXCUSES: readonly Excuse[] = [
  {
    type: "AWS::KMS::Key",
    key: "Resource",
    wildcard: /^\*$/,
    reason: "In a key's policy it means that key and no other: kms/latest/developerguide/key-policy-overview.",
  },
  {
    type: "AWS::KMS::Key",
    key: "Action",
    wildcard: /^kms:\*$/,
    reason:
      "Given to the account itself, without which nobody could manage the key: kms/latest/developerguide/key-policy-default.",
  },
  {
    type: "AWS::IAM::Role",
    key: "Resource",
    wildcard: /"Ref":"ClaimCheckBucket".*"\/[a-z-]+\/\*"/,
    reason: "The data of each large event is an object of its own, below the prefix of its topic.",
  },
  {
    type: "AWS::IAM::Role",
    key: "Resource",
    wildcard: /:log-group:\/fanfare\/[a-z0-9-]+\/[a-z0-9-]+:\*"/,
    reason: "Lambda makes a log stream for each execution environment, under a name that it chooses.",
  },
  {
    type: "AWS::IAM::Role",
    key: "Resource",
    wildcard: /^\*$/,
    action: "xray:PutTraceSegments",
    reason: "X-Ray has no resources that a permission to write spans could name.",
  },
];

/** Whether an excuse is for one of a resource's statements. */
export function excuses(excuse: Excuse, resource: Resource): boolean {
  const { type, key, wildcard } = excuse;
  return (
    resource.type === type &&
    grantsOf(resource).some((grant) => isFor(excuse, grant) && texts(grant[key]).some((text) => wildcard.test(text)))
  );
}

function grantsOf(resource: Resource): Properties[] {
  return statementsOf(resource).filter(({ Effect }) => Effect === "Allow");
}

/** The resources that have an allowing statement of which something is true. */
function granting(stage: Stage, offends: (grant: Properties, resource: Resource) => boolean): Resource[] {
  return stage.filter((resource) => grantsOf(resource).some((grant) => offends(grant, resource)));
}

function isFor({ action }: Excuse, { Action: actions }: Properties): boolean {
  return action === undefined || texts(actions).every((one) => one === action);
}

function hasWildcard(key: Excuse["key"], grant: Properties, { type }: Resource): boolean {
  const excused = EXCUSES.filter((excuse) => excuse.type === type && excuse.key === key && isFor(excuse, grant));
  return texts(grant[key]).some((text) => text.includes("*") && !excused.some(({ wildcard }) => wildcard.test(text)));
}

/** Changes an allowing statement of a resource of a type. */
function changingGrant(type: string, change: Properties) {
  return (stage: Stage): Resource => {
    const resource = first(stage, type, (one) => grantsOf(one).length > 0);
    Object.assign(grantsOf(resource).at(-1) ?? {}, change);
    return resource;
  };
}

/** Who may do what: least privilege. */
export const access: readonly Control[] = [
  {
    rule: "no policy lets everybody in",
    offenders: (stage) =>
      granting(stage, (grant) => (isForEverybody(grant) && !isForFunctions(grant)) || "NotPrincipal" in grant),
    breaches: {
      "a queue that takes from everybody": changingGrant("AWS::SQS::QueuePolicy", { Principal: "*" }),
      "a key for every account": changingGrant("AWS::KMS::Key", { Principal: { AWS: "*" } }),
      "a key for everybody who comes through SQS": changingGrant("AWS::KMS::Key", {
        Principal: { AWS: "*" },
        Condition: { StringEquals: { "kms:ViaService": "sqs.eu-west-1.amazonaws.com" } },
      }),
      "a queue that takes from everybody but one": changingGrant("AWS::SQS::QueuePolicy", { NotPrincipal: { AWS: "1" } }),
    },
  },
  {
    rule: "no policy allows actions by a wildcard",
    offenders: (stage) => granting(stage, (grant, resource) => "NotAction" in grant || hasWildcard("Action", grant, resource)),
    breaches: {
      "a function that may do everything": changingGrant("AWS::IAM::Role", { Action: "*" }),
      "a function that may do everything in SQS": changingGrant("AWS::IAM::Role", { Action: ["sqs:*"] }),
      "a function that may do all but one thing": changingGrant("AWS::IAM::Role", { NotAction: "sqs:PurgeQueue" }),
    },
  },
  {
    rule: "no policy allows something on resources by a wildcard",
    offenders: (stage) =>
      granting(stage, (grant, resource) => "NotResource" in grant || hasWildcard("Resource", grant, resource)),
    breaches: {
      "a function that may do something to everything": changingGrant("AWS::IAM::Role", { Resource: "*" }),
      "a function that may do something to every queue": changingGrant("AWS::IAM::Role", {
        Resource: [{ "Fn::Join": ["", ["arn:aws:sqs:", { Ref: "AWS::Region" }, ":*:*"]] }],
      }),
      "a function that may do something to all but one": changingGrant("AWS::IAM::Role", { NotResource: "arn:aws:sqs:::a" }),
    },
  },
  {
    // Not of a role's trust: Lambda takes a role of the function's own account alone, from who may pass it (iam:PassRole).
    rule: "a service of AWS that a policy lets in comes for a source that the policy names",
    offenders: (stage) => [
      ...granting(
        stage,
        ({ Principal, Action, Condition }) =>
          at(Principal, "Service") !== undefined &&
          !texts(Action).includes("sts:AssumeRole") &&
          !objects(Object.values(Condition ?? {})).some((operands) => "aws:SourceArn" in operands),
      ),
      ...ofType(stage, "AWS::Lambda::Permission").filter(({ properties }) => properties["SourceArn"] === undefined),
    ],
    breaches: {
      "a queue that takes from every topic in the world": changingGrant("AWS::SQS::QueuePolicy", { Condition: undefined }),
      "a queue that takes from every topic of an account": changingGrant("AWS::SQS::QueuePolicy", {
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      }),
      "a function that every topic may call": (stage) => {
        const properties = { Action: "lambda:InvokeFunction", Principal: "sns.amazonaws.com" };
        const permission = { stack: "fanfare-prod-shop", id: "Open", type: "AWS::Lambda::Permission", properties };
        stage.push(permission);
        return permission;
      },
    },
  },
  {
    rule: "no role has a policy that AWS manages",
    offenders: (stage) => stage.filter(({ properties }) => texts(properties["ManagedPolicyArns"]).some(isManagedByAws)),
    breaches: {
      "a role with the policy that most examples give it": (stage) => {
        const role = first(stage, "AWS::IAM::Role");
        const name = "iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole";
        role.properties["ManagedPolicyArns"] = [{ "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, `:${name}`]] }];
        return role;
      },
    },
  },
];

/** Whether a statement is about the functions of one stage of its own account: a key's policy cannot name roles that are yet to come. */
function isForFunctions({ Condition }: Properties): boolean {
  const needed = ["kms:CallerAccount", "kms:ViaService", "aws:PrincipalTag/application", "aws:PrincipalTag/stage"];
  const conditions = objects([at(Condition, "StringEquals")])[0] ?? {};
  return needed.every((key) => conditions[key] !== undefined);
}

function isManagedByAws(arn: string): boolean {
  return arn.includes("iam::aws:policy/");
}
