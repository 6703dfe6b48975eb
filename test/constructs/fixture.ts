import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { App, Stack } from "aws-cdk-lib/core";
import * as v from "valibot";
import { inject } from "vitest";
import {
  defineEvent,
  defineService,
  defineTopic,
  type EventType,
  type ServiceDefinition,
  type TopicDefinition,
} from "#lib/contracts/index.ts";
import type { Bundle } from "#lib/constructs/function/bundle.ts";
import { addFanfare } from "#lib/stacks/fanfare.ts";
import { stageFrom } from "#lib/stacks/choose-stage.ts";
import type { Stage, Stages } from "#lib/stacks/stage.ts";
import { stages as referenceStages } from "../../bin/stages.ts";
import cdk from "../../cdk.json" with { type: "json" };

const folder = inject("outputFolder");

const sales = defineTopic({ name: "sales", description: "What is sold." });
const money = defineTopic({ name: "money", description: "What is paid." });

export const sold = event(sales, "item.sold.v1");
export const returned = event(sales, "item.returned.v1");
export const paid = event(money, "bill.paid.v1");

/** A service that uses everything a definition offers, requests apart. */
export const shop = defineService("shop", "Sells things.", {
  consumes: [returned, paid],
  publishes: [sold],
  owns: [],
  settings: ["PROVIDER_URL"],
  secrets: ["PROVIDER_KEY"],
  sendsEmail: true,
});

/** A service of the least kind, with figures of its own. */
export const audit = defineService("audit", "Watches.", {
  consumes: [sold],
  publishes: [],
  owns: [],
  timeoutSeconds: 10,
  batchSize: 5,
  maximumConcurrency: 2,
});

/** A service that takes requests. */
export const desk = defineService("desk", "Takes orders.", {
  consumes: [paid],
  publishes: [sold],
  owns: [],
  takesRequests: true,
});

/** An event without data. */
export function event<Type extends EventType>(topic: TopicDefinition, type: Type) {
  return defineEvent({ type, topic, description: type, schema: v.object({}), subject: () => "x", example: {} });
}

/** An app whose cloud assembly goes with the tests. */
export function createApp(): App {
  const outdir = mkdtempSync(join(folder, "cdk.out-"));
  return new App({ context: cdk.context, outdir, builtinCloudFormationValidation: false });
}

/** A stage of the fixture services, or of others. */
export function synthesize(
  context: Record<string, string> = {},
  definitions: readonly ServiceDefinition[] = [shop, audit],
  stages: Stages = referenceStages,
) {
  const app = createApp();
  const stage: Stage = stageFrom(stages, (key) => context[key]);
  addFanfare(
    app,
    stage,
    definitions.map((definition) => ({ definition, bundle: bundleOf(definition.name), relayBundle: bundleOf("relay") })),
  );
  const stackOf = (name: string): Stack => {
    const stack = app.node.findChild(`fanfare-${stage.name}-${name}`);
    if (!(stack instanceof Stack)) throw new Error(`${name} is no stack`);
    return stack;
  };
  const stacks = app.node.children.filter((child) => child instanceof Stack);
  return { app, stacks, stackOf, template: (name: string): Template => Template.fromStack(stackOf(name)) };
}

/** The properties of the resources of a type that have some properties, by logical id. */
export function resources(template: Template, type: string, having: Properties = {}): Map<string, Properties> {
  const found = Object.entries(template.findResources(type, { Properties: having }));
  return new Map(found.map(([id, resource]): [string, Properties] => [id, objects([resource["Properties"]])[0] ?? {}]));
}

/** The one resource of a type that has some properties, with its logical id. */
export function resource(template: Template, type: string, having: Properties): Properties & { id: string } {
  const found = [...resources(template, type, having)];
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} resources of ${type} have ${JSON.stringify(having)}`);
  return { ...first[1], id: first[0] };
}

export type Properties = Record<string, unknown>;

/** What lies within a value, key by key; undefined where a key leads nowhere. */
export function at(value: unknown, ...keys: string[]): unknown {
  let found = value;
  for (const key of keys) found = isObject(found) ? found[key] : undefined;
  return found;
}

/** The statements of a policy document, or the objects of any other list. */
export function objects(list: unknown): Properties[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null;
}

/** A reference to an attribute, as templates write it. */
export function arnOf(id: string) {
  return { "Fn::GetAtt": [id, "Arn"] };
}

/** The ARN of a queue of another stack, as templates make it of its name. */
export function queueArn(name: string) {
  const account = [{ Ref: "AWS::Region" }, ":", { Ref: "AWS::AccountId" }];
  return { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":sqs:", ...account, `:${name}`]] };
}

function bundleOf(name: string): Bundle {
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "index.mjs"), `export const handler = () => "${name}";`);
  return { directory, hash: Buffer.from(name).toString("hex").padEnd(64, "0") };
}
