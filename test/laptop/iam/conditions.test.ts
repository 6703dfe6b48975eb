import { describe, expect, test } from "vitest";
import { roleSession } from "#lib/laptop/iam/evaluator/principal.ts";
import { allow, decided, deny, ROLE } from "./decide-as.ts";

/** Whether a condition holds in a call that has these keys. */
function holds(condition: object, context: Record<string, string | readonly string[]> = {}): boolean {
  return decided({ identity: [allow({ Condition: condition })], context }) === "allowed";
}

describe("condition operators (reference_policies_elements_condition_operators.html)", () => {
  const prefix = (value: string) => ({ "s3:prefix": value });

  test.for([
    [{ StringEquals: { "s3:prefix": "a" } }, prefix("a"), true],
    [{ StringEquals: { "s3:prefix": "a" } }, prefix("A"), false],
    [{ StringEquals: { "s3:prefix": "a*" } }, prefix("ab"), false],
    [{ StringEquals: { "s3:prefix": ["a", "b"] } }, prefix("b"), true],
    [{ StringNotEquals: { "s3:prefix": ["a", "b"] } }, prefix("b"), false],
    [{ StringNotEquals: { "s3:prefix": ["a", "b"] } }, prefix("c"), true],
    [{ StringEqualsIgnoreCase: { "s3:prefix": "a" } }, prefix("A"), true],
    [{ StringNotEqualsIgnoreCase: { "s3:prefix": "a" } }, prefix("A"), false],
    [{ StringLike: { "s3:prefix": "home/*/?" } }, prefix("home/anna/x"), true],
    [{ StringNotLike: { "s3:prefix": "home/*" } }, prefix("home/anna"), false],
    [{ NumericEquals: { "s3:max-keys": "10" } }, { "s3:max-keys": "10.0" }, true],
    [{ NumericNotEquals: { "s3:max-keys": 10 } }, { "s3:max-keys": "10" }, false],
    [{ NumericLessThan: { "s3:max-keys": "10" } }, { "s3:max-keys": "10" }, false],
    [{ NumericLessThanEquals: { "s3:max-keys": "10" } }, { "s3:max-keys": "10" }, true],
    [{ NumericGreaterThan: { "s3:max-keys": "9" } }, { "s3:max-keys": "10" }, true],
    [{ NumericGreaterThanEquals: { "s3:max-keys": "9" } }, { "s3:max-keys": "many" }, false],
    [{ DateEquals: { "aws:CurrentTime": "2026-11-20T12:00:00Z" } }, { "aws:currenttime": "2026-11-20T12:00:00.000Z" }, true],
    [{ DateLessThan: { "aws:CurrentTime": "2026-11-20T12:00:00Z" } }, { "aws:currenttime": "2026-11-20T12:00:01Z" }, false],
    [{ DateGreaterThan: { "aws:EpochTime": "1700000000" } }, { "aws:epochtime": "1700000001" }, true],
    [{ DateEquals: { "aws:CurrentTime": "2026-11-20" } }, { "aws:currenttime": "2026-11-20T00:00:00" }, true],
    [{ DateEquals: { "aws:CurrentTime": "2026" } }, { "aws:currenttime": "2026-01-01T00:00:00Z" }, true],
    [{ DateLessThan: { "aws:CurrentTime": "2026-11-20" } }, { "aws:currenttime": "yesterday" }, false],
    [{ NumericLessThan: { "s3:max-keys": "10" } }, { "s3:max-keys": "" }, false],
    [{ NumericEquals: { "s3:max-keys": "1e1" } }, { "s3:max-keys": "10" }, true],
    [{ Bool: { "aws:SecureTransport": "${aws:PrincipalTag/tls}" } }, {}, true],
    [{ Bool: { "aws:SecureTransport": "${aws:PrincipalTag/team}" } }, {}, false],
    [{ Bool: { "aws:SecureTransport": "true" } }, {}, true],
    [{ Bool: { "aws:SecureTransport": false } }, {}, false],
    [{ IpAddress: { "aws:SourceIp": ["203.0.113.0/24", "127.0.0.0/8"] } }, {}, true],
    [{ NotIpAddress: { "aws:SourceIp": "203.0.113.0/24" } }, {}, true],
    [{ IpAddress: { "aws:SourceIp": "2001:db8::/32" } }, { "aws:sourceip": "2001:db8::7" }, true],
    [{ IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }, { "aws:sourceip": "2001:db8::7" }, false],
    [{ NotIpAddress: { "aws:SourceIp": "2001:db8::/32" } }, {}, true],
    [{ IpAddress: { "aws:SourceIp": "0.0.0.0/0" } }, { "aws:sourceip": "here" }, false],
    [
      { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:${aws:PrincipalAccount}:orders" } },
      { "aws:sourcearn": "arn:aws:sns:x:000000000000:orders" },
      true,
    ],
    [{ ArnEquals: { "aws:SourceArn": "arn:aws:sns:*:*:orders" } }, { "aws:sourcearn": "arn:aws:sns:us-east-1:1:orders" }, true],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:sns:*:orders" } }, { "aws:sourcearn": "arn:aws:sns:us-east-1:1:orders" }, false],
    [{ ArnLike: { "aws:SourceArn": "arn:aws:s3:::shop*" } }, { "aws:sourcearn": "arn:aws:s3:::shop-data" }, true],
    [{ ArnNotLike: { "aws:SourceArn": "arn:aws:s3:::shop*" } }, { "aws:sourcearn": "arn:aws:s3:::other" }, true],
    [{ BinaryEquals: { "s3:prefix": "QmluYXJ5" } }, prefix("QmluYXJ5"), true],
    [{ BinaryEquals: { "s3:prefix": "QmluYXJ5Cg==" } }, prefix("QmluYXJ5Cg"), true],
    [{ StringLike: { "S3:Prefix": "${aws:PrincipalTag/team}/*" } }, prefix("shop/1"), true],
    [{ StringLike: { "s3:prefix": "${aws:PrincipalTag/team}/*" } }, prefix("bank/1"), false],
    [{ StringNotLike: { "s3:prefix": "${aws:PrincipalTag/none}/*" } }, prefix("bank/1"), false],
  ] as const)("%j in %j: %s", ([condition, context, expected]) => {
    expect(holds(condition, context)).toBe(expected);
  });

  test("all operators and all their keys must hold", () => {
    const both = { StringEquals: { "s3:prefix": "a", "s3:delimiter": "/" }, NumericLessThan: { "s3:max-keys": "5" } };
    const context = { "s3:prefix": "a", "s3:delimiter": "/", "s3:max-keys": "1" };
    expect(holds(both, context)).toBe(true);
    expect(holds(both, { ...context, "s3:delimiter": ":" })).toBe(false);
    expect(holds(both, { ...context, "s3:max-keys": "9" })).toBe(false);
  });
});

describe("a key that the call does not have", () => {
  test.for([
    [{ StringEquals: { "s3:prefix": "a" } }, false],
    [{ StringNotEquals: { "s3:prefix": "a" } }, true],
    [{ ArnNotLike: { "aws:SourceArn": "arn:aws:sns:*:*:*" } }, true],
    [{ NotIpAddress: { "aws:VpcSourceIp": "10.0.0.0/8" } }, true],
    [{ Bool: { "aws:MultiFactorAuthPresent": "false" } }, false],
    [{ BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } }, true],
    [{ StringEqualsIfExists: { "s3:prefix": "a" } }, true],
    [{ Null: { "s3:prefix": "true" } }, true],
    [{ Null: { "s3:prefix": "false" } }, false],
    [{ Null: { "aws:PrincipalArn": false } }, true],
    [{ "ForAllValues:StringEquals": { "ses:Recipients": "a@shop.example" } }, true],
    [{ "ForAnyValue:StringEquals": { "ses:Recipients": "a@shop.example" } }, false],
    [{ "ForAnyValue:StringNotEquals": { "ses:Recipients": "a@shop.example" } }, false],
    [{ "ForAnyValue:StringEqualsIfExists": { "ses:Recipients": "a@shop.example" } }, true],
  ] as const)("%j: %s", ([condition, expected]) => {
    expect(holds(condition)).toBe(expected);
  });
});

describe("a key of many values (reference_policies_condition-single-vs-multi-valued-context-keys.html)", () => {
  const recipients = (...addresses: string[]) => ({ "ses:recipients": addresses });

  test.for([
    ["ForAllValues:StringLike", recipients("a@shop.example", "b@shop.example"), true],
    ["ForAllValues:StringLike", recipients("a@shop.example", "b@other.example"), false],
    ["ForAnyValue:StringLike", recipients("a@shop.example", "b@other.example"), true],
    ["ForAnyValue:StringLike", recipients("b@other.example"), false],
    ["ForAllValues:StringNotLike", recipients("a@other.example", "b@other.example"), true],
    ["ForAllValues:StringNotLike", recipients("a@shop.example", "b@other.example"), false],
    ["ForAnyValue:StringNotLike", recipients("a@shop.example", "b@other.example"), true],
  ] as const)("%s in %j: %s", ([operator, context, expected]) => {
    expect(holds({ [operator]: { "ses:Recipients": "*@shop.example" } }, context)).toBe(expected);
  });
});

describe("a key of which nothing is known in the call: it does not allow, and it denies", () => {
  const action = "s3:ListBucket";

  test.for([
    { StringEquals: { "s3:prefix": "a" } },
    { StringNotEquals: { "s3:prefix": "a" } },
    { StringEqualsIfExists: { "s3:prefix": "a" } },
    { Null: { "s3:prefix": "true" } },
    { Null: { "s3:prefix": "false" } },
    { "ForAllValues:StringEquals": { "s3:prefix": "a" } },
    { "ForAnyValue:StringEquals": { "s3:prefix": "a" } },
    { StringEquals: { "aws:PrincipalTag/team": "${s3:prefix}" } },
    { StringNotEquals: { "aws:PrincipalTag/team": "${s3:prefix, 'x'}" } },
    { StringEquals: { "aws:ResourceTag/team": "shop" } },
    { StringNotEquals: { "aws:UserAgent": "curl" } },
  ] as const)("%j", (Condition) => {
    const about = { Action: action, Condition };
    expect(decided({ action, identity: [allow(about)] })).toBe("no allow: identity-based policy");
    expect(decided({ action, identity: [allow({ Action: action }), deny(about)] })).toBe(
      "explicit deny: identity-based policy",
    );
  });

  test("in NotResource, and in a resource", () => {
    const resource = { Resource: undefined, NotResource: "arn:aws:s3:::papers/${s3:prefix}" };
    const question = { action, resource: "arn:aws:s3:::papers/a" };
    const all = allow({ Action: action, Resource: "*" });
    expect(decided({ ...question, identity: [allow({ Action: action, ...resource })] })).toMatch("no allow");
    expect(decided({ ...question, identity: [all, deny({ Action: action, ...resource })] })).toMatch("explicit deny");
    const named = { Action: action, Resource: "arn:aws:s3:::papers/${s3:prefix}" };
    expect(decided({ ...question, identity: [allow(named)] })).toMatch("no allow");
    expect(decided({ ...question, identity: [all, deny(named)] })).toMatch("explicit deny");
  });

  test("a deny that does not hold for another reason does not deny", () => {
    const Condition = { StringEquals: { "s3:prefix": "a", "aws:PrincipalTag/team": "bank" } };
    const identity = [allow({ Action: action }), deny({ Action: action, Condition })];
    expect(decided({ action, identity })).toBe("allowed");
  });

  test("tags are known to be absent in a call that cannot carry them", () => {
    const Condition = { Null: { "aws:RequestTag/team": "true", "aws:TagKeys": "true" } };
    expect(decided({ identity: [allow({ Condition })] })).toBe("allowed");
    const create = { Action: "sqs:CreateQueue", Condition };
    expect(decided({ action: "sqs:CreateQueue", identity: [allow(create)] })).toMatch("no allow");
  });
});

test("the function that calls is known, and somebody else with its role has none", () => {
  const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:greet";
  const identity = [allow({ Condition: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } } })];
  expect(decided({ identity, principal: roleSession(ROLE, "greet", new Map(), functionArn) })).toBe("allowed");
  expect(decided({ identity })).toMatch("no allow");
});

test("a policy that denies plain HTTP does not trip on loopback", () => {
  const tls = deny({ Action: "sqs:*", Condition: { Bool: { "aws:SecureTransport": "false" } } });
  expect(decided({ identity: [allow(), tls] })).toBe("allowed");
});
