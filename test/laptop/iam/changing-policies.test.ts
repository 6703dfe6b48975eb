import { expect, test } from "vitest";
import { access } from "#lib/laptop/iam/access.ts";
import { AccessControl } from "#lib/laptop/iam/access-control.ts";
import { Policies } from "#lib/laptop/iam/policies.ts";
import { administrator, QUEUE, ROLE, session } from "./decide-as.ts";

const SEND = access("sqs:SendMessage", QUEUE);

/** A role without policies of its own, and what a policy set on the queue later does for it. */
function control() {
  const policies = new Policies();
  policies.addRole(ROLE);
  const notices: string[] = [];
  const access = new AccessControl("enforce", policies, (line) => notices.push(line));
  return { policies, notices, access, maySend: () => access.refuse(session, SEND) === undefined };
}

function statement(Sid: string, over: object = {}): object {
  return { Sid, Effect: "Allow", Principal: { AWS: ROLE }, Action: "sqs:SendMessage", Resource: QUEUE, ...over };
}

test("a policy that is set counts from the next call on, and no longer once it is removed", () => {
  const { policies, maySend } = control();
  expect(maySend()).toBe(false);
  policies.setResourcePolicy(QUEUE, { Version: "2012-10-17", Statement: statement("clerk") });
  expect(maySend()).toBe(true);
  expect(policies.removeResourcePolicy(QUEUE)).toBe(true);
  expect(maySend()).toBe(false);
  expect(policies.removeResourcePolicy(QUEUE)).toBe(false);
});

test("statements are added and taken out one by one, and the policy is given back as a document", () => {
  const { policies, maySend } = control();
  policies.addStatement(QUEUE, statement("clerk"));
  policies.addStatement(QUEUE, statement("stop", { Effect: "Deny" }));
  expect(maySend()).toBe(false);
  expect(policies.removeStatement(QUEUE, "stop")).toBe(true);
  expect(maySend()).toBe(true);
  expect(policies.resourcePolicy(QUEUE)).toEqual({ Version: "2012-10-17", Id: "default", Statement: [statement("clerk")] });
  expect(policies.removeStatement(QUEUE, "stop")).toBe(false);
  expect(policies.removeStatement(QUEUE, "clerk")).toBe(true);
  expect(policies.resourcePolicy(QUEUE)).toBeUndefined();
  expect(maySend()).toBe(false);
});

test("a policy that IAM would refuse leaves the one before it", () => {
  const { policies, maySend } = control();
  policies.addStatement(QUEUE, statement("clerk"));
  expect(() => policies.setResourcePolicy(QUEUE, { Statement: statement("typo", { Effect: "Permit" }) })).toThrow(
    `The statement 1 (typo) of the policy of ${QUEUE} has the Effect "Permit": expected Allow or Deny.`,
  );
  expect(() => policies.addStatement(QUEUE, {})).toThrow(`The statement 1 of the policy of ${QUEUE} has the Effect undefined`);
  expect(maySend()).toBe(true);
});

test("a deny that is set later stops the administrator too", () => {
  const { policies, access } = control();
  expect(access.mayAll(administrator)).toBe(true);
  policies.addStatement(QUEUE, statement("stop", { Effect: "Deny", Principal: "*" }));
  expect(access.mayAll(administrator)).toBe(false);
  expect(access.refuse(administrator, SEND)).toMatchObject({ refusal: { because: "explicit deny" } });
});

test("a condition key of which nothing is known in a call is told of once", () => {
  const { policies, notices, maySend } = control();
  const Condition = { StringEquals: { "aws:ResourceTag/team": "shop" } };
  policies.addStatement(QUEUE, statement("clerk", { Condition }));
  expect([maySend(), maySend()]).toEqual([false, false]);
  expect(notices).toHaveLength(2);
  expect(notices[1]).toBe(
    "IAM cannot tell aws:resourcetag/team of sqs:SendMessage here: a statement that asks for it denies, and does not allow",
  );
});
