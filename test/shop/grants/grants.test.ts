import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SeenAccess } from "#lib/laptop/index.ts";
import type { Principal } from "#lib/laptop/iam/evaluator/principal.ts";
import { ASSEMBLY } from "../../support/assembly.ts";
import { openShop, type Shop } from "../../support/open-shop.ts";
import { stacks, wantedDeliveries, wantedOf, wantedOfRelay } from "./expected.ts";
import { type Grant, TemplatePolicies, type Use } from "./grants.ts";
import { liveThrough, services } from "./journeys.ts";

const policies = new TemplatePolicies(ASSEMBLY, stacks);

/** Used on AWS alone, where Lambda itself writes a function's log. Here the log goes to the activity stream. */
const ON_AWS_ALONE = /^logs:(CreateLogStream|PutLogEvents)$/;

/**
 * What `unit` offers every handler (`getAll`, `add`, `effects`, `checkpoint`) and these services' handlers do not use today: a
 * handler may begin to use it without a word to its role. Exact: one that is used, or that the role lacks, fails.
 */
const OFFERED: Readonly<Record<string, readonly string[]>> = {
  inventory: ["dynamodb:ConditionCheckItem"],
  orders: ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:UpdateItem"],
  payments: ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem"],
  notifications: ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem"],
  ledger: ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:UpdateItem"],
};

let shop: Shop;
let accesses: readonly SeenAccess[];

beforeAll(async () => {
  shop = await openShop();
  await liveThrough(shop);
  // A stream is named after the moment in which it was made.
  accesses = shop.cloud.cloud.iam.accesses.map((it) => ({
    ...it,
    resource: it.resource.replace(/\/stream\/.+$/, "/stream/any"),
  }));
});
afterAll(() => shop[Symbol.asyncDispose]());

describe("the grants of the reference app", () => {
  test("nothing that it does is refused", () => {
    expect(accesses.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  test("are those that it uses, no more and no fewer", () => {
    const used = accesses.map(textOfUse);
    const unused = policies.grants
      .filter(({ action }) => !ON_AWS_ALONE.test(action))
      .filter((grant) => !used.includes(textOf(grant)));
    const offered = Object.entries(OFFERED).flatMap(([service, actions]) => actions.map((action) => `${service} ${action}`));

    expect(unused.map(({ stack, action }) => `${stack.replace(/^fanfare-dev-|-function$/g, "")} ${action}`).toSorted()).toEqual(
      offered.toSorted(),
    );
    const granted = policies.grants.map(textOf);
    expect(used.filter((use) => !granted.includes(use))).toEqual([]);
  });

  test("each, when it is taken away, is missed: by what the app does, or by what its services are for", () => {
    const asked = [...accesses, ...expectedUses()];
    expect(policies.refusedWithout(undefined, asked)).toEqual([]);
    const unnoticed = policies.grants.filter((grant) => policies.refusedWithout(grant, asked).length === 0);
    expect(unnoticed).toEqual([]);
  });

  test("each that the app uses, when it is taken away, is missed by what the app does", () => {
    const used = accesses.map(textOfUse);
    const unnoticed = policies.grants
      .filter((grant) => used.includes(textOf(grant)))
      .filter((grant) => policies.refusedWithout(grant, accesses).length === 0);
    expect(unnoticed).toEqual([]);
  });
});

/** What the services are for, as accesses of their functions and of SNS. */
function expectedUses(): Use[] {
  const sessions = accesses.flatMap(({ principal }) => (principal.kind === "role" ? [principal] : []));
  const usesOf = (name: string, wanted: ReadonlySet<string>) => {
    const principal = sessions.find(({ session }) => session === `fanfare-dev-${name}`)!;
    return [...wanted].map((it) => {
      const [action = "", resource = ""] = it.split(" ");
      return { principal, action, resource };
    });
  };
  const ofFunctions = services.flatMap((service) => usesOf(service.name, wantedOf(service)));
  const ofRelays = services
    .filter(({ takesRequests }) => takesRequests)
    .flatMap((service) => usesOf(`${service.name}-relay`, wantedOfRelay(service)));
  const ofTopics = wantedDeliveries().map(({ topicArn, queueArn }) => ({
    principal: { kind: "service", service: "sns.amazonaws.com", sourceArn: topicArn } as const,
    action: "sqs:SendMessage",
    resource: queueArn,
  }));
  return [...ofFunctions, ...ofRelays, ...ofTopics];
}

function textOf({ grantee, action, resource }: Grant): string {
  return `${grantee} ${action} ${resource}`;
}

function textOfUse({ principal, action, resource }: SeenAccess): string {
  return `${whoIs(principal)} ${action} ${resource}`;
}

function whoIs(principal: Principal): string {
  return principal.kind === "service" ? `${principal.service} for ${principal.sourceArn}` : principal.arn;
}
