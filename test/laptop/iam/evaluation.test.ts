import { describe, expect, test } from "vitest";
import { parsePolicy } from "#lib/laptop/iam/evaluator/statement.ts";
import { administrator, allow, decided, deny, QUEUE, ROLE, session } from "./decide-as.ts";

/*
 * The rules are those of the IAM user guide, "Policy evaluation logic" (reference_policies_evaluation-logic.html), within one
 * account; each group names its page.
 */

const BY_ROLE = { Principal: { AWS: ROLE } };
const BY_SNS = { Principal: { Service: "sns.amazonaws.com" } };
const TOPIC = "arn:aws:sns:us-east-1:000000000000:orders";
const sns = { kind: "service", service: "sns.amazonaws.com", sourceArn: TOPIC } as const;

describe("identity and resource policies (reference_policies_evaluation-logic_policy-eval-basics-id-rdp.html)", () => {
  test.for([
    ["what no policy allows is refused", {}, "no allow: identity-based policy"],
    ["the role's own policy suffices", { identity: [allow()] }, "allowed"],
    ["the resource's policy suffices", { ofResource: [allow(BY_ROLE)] }, "allowed"],
    ["an explicit deny of the role wins", { identity: [allow(), deny()] }, "explicit deny: identity-based policy"],
    [
      "an explicit deny of the resource wins over the role's allow",
      { identity: [allow()], ofResource: [deny({ Principal: "*" })] },
      "explicit deny: resource-based policy",
    ],
    [
      "an explicit deny of the role wins over the resource's allow",
      { identity: [deny()], ofResource: [allow(BY_ROLE)] },
      "explicit deny: identity-based policy",
    ],
    ["a deny of another action is none", { identity: [allow(), deny({ Action: "sqs:DeleteQueue" })] }, "allowed"],
    ["the session's ARN names the caller", { ofResource: [allow({ Principal: { AWS: session.sessionArn } })] }, "allowed"],
    ["everybody includes the caller", { ofResource: [allow({ Principal: { AWS: "*" } })] }, "allowed"],
    [
      "a resource's policy for the whole account leaves it to the role's own",
      { ofResource: [allow({ Principal: { AWS: "arn:aws:iam::000000000000:root" } })] },
      "no allow: identity-based policy",
    ],
    [
      "a deny for the whole account is meant for its roles",
      { identity: [allow()], ofResource: [deny({ Principal: { AWS: "000000000000" } })] },
      "explicit deny: resource-based policy",
    ],
    [
      "a resource's policy for another account is for nobody here",
      { ofResource: [allow({ Principal: { AWS: "111111111111" } })] },
      "no allow: identity-based policy",
    ],
    [
      "a deny for all but the caller is not for the caller",
      { identity: [allow()], ofResource: [deny({ NotPrincipal: { AWS: [ROLE, session.sessionArn] } })] },
      "allowed",
    ],
    [
      "a deny for all but somebody else is for the caller",
      { identity: [allow()], ofResource: [deny({ NotPrincipal: { AWS: "arn:aws:iam::000000000000:role/other" } })] },
      "explicit deny: resource-based policy",
    ],
  ] as const)("%s", ([, question, expected]) => {
    expect(decided(question)).toBe(expected);
  });
});

describe("permissions boundaries (access_policies_boundaries.html)", () => {
  test.for([
    ["what the boundary does not allow is refused", { identity: [allow()], boundary: [] }, "no allow: permissions boundary"],
    ["what both allow is allowed", { identity: [allow()], boundary: [allow({ Action: "sqs:*" })] }, "allowed"],
    ["a boundary grants nothing", { boundary: [allow()] }, "no allow: identity-based policy"],
    [
      "a deny in the boundary wins over the resource's allow",
      { boundary: [deny()], ofResource: [allow({ Principal: "*" })] },
      "explicit deny: permissions boundary",
    ],
    [
      "what a resource grants to the role is inside its boundary",
      { boundary: [], ofResource: [allow(BY_ROLE)] },
      "no allow: permissions boundary",
    ],
    [
      "what a resource grants to the role's session is not",
      { boundary: [], ofResource: [allow({ Principal: { AWS: session.sessionArn } })] },
      "allowed",
    ],
    [
      "a deny with NotPrincipal is for everybody who has a boundary, also for whom it names",
      {
        identity: [allow()],
        boundary: [allow()],
        ofResource: [deny({ NotPrincipal: { AWS: [ROLE, session.sessionArn] } })],
      },
      "explicit deny: resource-based policy",
    ],
  ] as const)("%s", ([, question, expected]) => {
    expect(decided(question)).toBe(expected);
  });
});

describe("services and the administrator", () => {
  const fromTopic = { Condition: { ArnEquals: { "aws:SourceArn": TOPIC } } };

  test.for([
    [
      "a service is allowed by the resource alone",
      { principal: sns, ofResource: [allow({ ...BY_SNS, ...fromTopic })] },
      "allowed",
    ],
    ["a service without a statement is refused", { principal: sns }, "no allow: resource-based policy"],
    [
      "a service that acts for another source is refused",
      {
        principal: { ...sns, sourceArn: `${TOPIC}-of-somebody-else` },
        ofResource: [allow({ ...BY_SNS, ...fromTopic })],
      },
      "no allow: resource-based policy",
    ],
    [
      "another service is refused",
      { principal: { ...sns, service: "s3.amazonaws.com" }, ofResource: [allow(BY_SNS)] },
      "no allow: resource-based policy",
    ],
    [
      "a deny for everybody is for services too",
      { principal: sns, ofResource: [allow(BY_SNS), deny({ Principal: { AWS: "*" } })] },
      "explicit deny: resource-based policy",
    ],
    ["a statement for a service is not for a role", { ofResource: [allow(BY_SNS)] }, "no allow: identity-based policy"],
    ["the administrator needs no policy", { principal: administrator }, "allowed"],
    [
      "the administrator is denied what everybody is denied",
      { principal: administrator, ofResource: [deny({ Principal: "*" })] },
      "explicit deny: resource-based policy",
    ],
  ] as const)("%s", ([, question, expected]) => {
    expect(decided(question)).toBe(expected);
  });
});

describe("actions and resources (reference_policies_elements_action.html, ..._resource.html)", () => {
  test.for([
    ["actions ignore case", { Action: "SQS:sendmessage" }, true],
    ["a wildcard stands for any characters", { Action: "sqs:Send*" }, true],
    ["a question mark stands for one", { Action: "sqs:SendMessag?" }, true],
    ["a wildcard of another service does not fit", { Action: "sns:*" }, false],
    ["one of several actions suffices", { Action: ["sqs:DeleteMessage", "sqs:SendMessage"] }, true],
    ["NotAction allows all others", { Action: undefined, NotAction: "sqs:DeleteMessage" }, true],
    ["NotAction leaves out its own", { Action: undefined, NotAction: ["sqs:Send*"] }, false],
    ["resources heed case", { Resource: QUEUE.replace("orders", "Orders") }, false],
    ["a resource's wildcard", { Resource: "arn:aws:sqs:*:000000000000:ord*" }, true],
    ["any resource", { Resource: "*" }, true],
    ["NotResource leaves out its own", { Resource: undefined, NotResource: QUEUE }, false],
    ["NotResource allows all others", { Resource: undefined, NotResource: `${QUEUE}-dlq` }, true],
    ["a dot stands for itself", { Resource: QUEUE.replace("us-east-1", "us.east.1") }, false],
    ["a variable is filled in", { Resource: QUEUE, Condition: { StringEquals: { "aws:PrincipalTag/Team": "shop" } } }, true],
    ["a variable in a resource", { Resource: "arn:aws:sqs:us-east-1:000000000000:${aws:PrincipalTag/Thing}" }, true],
    ["a variable before the last part of an ARN", { Resource: "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:orders" }, false],
    [
      "NotResource with a variable before the last part does not allow everything",
      { Resource: undefined, NotResource: "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:orders" },
      false,
    ],
    [
      "a variable without a value fits nothing",
      { Resource: "arn:aws:sqs:us-east-1:000000000000:${aws:PrincipalTag/none}*" },
      false,
    ],
    [
      "nor does NotResource with a variable without a value",
      { Resource: undefined, NotResource: "arn:aws:sqs:us-east-1:000000000000:${aws:PrincipalTag/none}" },
      false,
    ],
    ["a variable's default", { Resource: "arn:aws:sqs:us-east-1:000000000000:${aws:PrincipalTag/none, 'orders'}" }, true],
    ["a variable without a value, in a longer list", { Resource: ["${aws:PrincipalTag/none}", QUEUE] }, true],
    ["a variable of a key with several values", { Resource: "arn:aws:sqs:us-east-1:000000000000:${ses:Recipients}" }, false],
    ["an escaped wildcard is a character", { Resource: "arn:aws:sqs:us-east-1:000000000000:${*}" }, false],
  ] as const)("%s", ([, statement, fits]) => {
    const context = { "ses:recipients": ["orders", "bills"] };
    expect(decided({ identity: [allow(statement)], context })).toBe(fits ? "allowed" : "no allow: identity-based policy");
  });

  test("a policy of the older version knows no variables", () => {
    const statement = allow({ Resource: "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:orders" });
    const [old] = parsePolicy({ Version: "2008-10-17", Statement: statement }, "identity", "the policy");
    expect(old?.resource(QUEUE, () => ["000000000000"])).toBe(false);
  });
});

describe("a document that IAM would not take is refused in one line that names the statement", () => {
  test.for([
    [{ Effect: "Permit" }, 'statement 1 of Role in stack shop has the Effect "Permit": expected Allow or Deny'],
    [{ Action: undefined }, "statement 1 of Role in stack shop has neither Action nor NotAction"],
    [{ Resource: undefined }, "statement 1 of Role in stack shop has neither Resource nor NotResource"],
    [{ NotAction: "sqs:*" }, "statement 1 of Role in stack shop has both Action and NotAction: expected one of them"],
    [{ Resource: [7] }, "statement 1 of Role in stack shop has the Resource 7: expected a text"],
    [
      { Sid: "Send", Condition: { StringEqulas: { "aws:SourceArn": "x" } } },
      "statement 1 (Send) of Role in stack shop has the condition operator StringEqulas, which IAM does not have: expected one of",
    ],
    [{ Condition: { NumericLessThan: { "s3:max-keys": "ten" } } }, "compares with ten: expected a number"],
    [{ Condition: { IpAddress: { "aws:SourceIp": "office" } } }, "compares with office: expected an IP address or a range"],
    [{ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/33" } } }, "compares with 10.0.0.0/33: expected an IP address"],
    [{ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/" } } }, "compares with 10.0.0.0/: expected an IP address"],
    [{ Condition: { DateLessThan: { "aws:CurrentTime": "soon" } } }, "compares with soon: expected a date"],
    [{ Condition: { DateLessThan: { "aws:CurrentTime": "Nov 21 2026" } } }, "compares with Nov 21 2026: expected a date"],
    [
      { Condition: { NullIfExists: { "aws:SourceArn": "true" } } },
      "has the condition operator NullIfExists, which IAM does not",
    ],
  ] as const)("%j", ([statement, message]) => {
    expect(() => parsePolicy({ Statement: [allow(statement)] }, "identity", "Role in stack shop")).toThrow(message);
  });

  test("a statement of a resource's policy says whom it is about", () => {
    expect(() => parsePolicy({ Statement: allow() }, "resource", "Policy in stack shop")).toThrow(
      "The statement 1 of Policy in stack shop has neither Principal nor NotPrincipal.",
    );
  });
});
