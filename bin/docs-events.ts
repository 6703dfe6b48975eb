/**
 * `npm run docs:events` writes the documents about events: docs/asyncapi.json, docs/events.md and docs/contracts/.
 * `npm run docs:events -- --check` writes nothing, and fails if one of them is stale.
 * Both refuse a change that breaks a published contract.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigurationError } from "#lib/constructs/configuration-error.ts";
import { StageNames } from "#lib/constructs/names.ts";
import { asyncApiDocument } from "#lib/contracts/documents/asyncapi.ts";
import { type Catalogue, catalogueOf } from "#lib/contracts/documents/catalogue.ts";
import { type BreakingChange, breaksOf, describeBreak, removedEvent } from "#lib/contracts/documents/compatibility.ts";
import { eventsPage } from "#lib/contracts/documents/events-page.ts";
import { contractSchema } from "#lib/contracts/documents/json-schema.ts";
import type { AnyEventDefinition } from "#lib/contracts/index.ts";
import { jsonFile, parseJsonObject } from "#lib/contracts/documents/json.ts";
import { contractFile, contractFiles, publishedContracts } from "./published-contracts.ts";
import { findServices } from "./services.ts";
import { stages } from "./stages.ts";

const root = join(import.meta.dirname, "..");
const names = new StageNames("{stage}");

await main();

async function main(): Promise<void> {
  try {
    const checkOnly = readArguments();
    const catalogue = catalogueOf(Object.values(await import("#events")), await findServices(root));
    const breaks = findBreaks(catalogue);
    if (breaks.length > 0) return fail(breaks.map(describeBreak));
    const documents = documentsOf(catalogue);
    const obsolete = obsoleteContracts(catalogue);
    if (checkOnly) return check(documents, obsolete);
    for (const [file, text] of documents) write(file, text);
    for (const file of obsolete) rmSync(join(root, file));
    console.log(`docs/asyncapi.json, docs/events.md: ${catalogue.events.length} events, ${catalogue.services.length} services`);
  } catch (error) {
    // A wrong definition is the author's to fix, and its message says how; any other error is ours, with its trace.
    if (error instanceof ConfigurationError || (error instanceof Error && error.constructor === Error))
      return fail([error.message]);
    throw error;
  }
}

/** @throws Error when there is an argument other than `--check`. */
function readArguments(): boolean {
  try {
    const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
    return values.check;
  } catch {
    throw new Error("docs:events takes no argument except --check: npm run docs:events -- --check");
  }
}

function findBreaks({ events }: Catalogue): BreakingChange[] {
  const current = new Map<string, AnyEventDefinition>(events.map((event) => [event.type, event]));
  return [...publishedContracts(root)].flatMap(([type, text]) => {
    const event = current.get(type);
    return event ? breaksOf(event, parseJsonObject(text, contractFile(type))) : [removedEvent(type)];
  });
}

/** What the documents should hold, by file. */
function documentsOf(catalogue: Catalogue): Map<string, string> {
  const document = asyncApiDocument(catalogue, {
    title: "Fanfare",
    version: "1.0.0",
    description: "Events of the order business, fanned out by SNS to one SQS queue per service.",
    topicName: (topic) => names.topic(topic),
    queueName: (service) => names.service(service).queue,
    stages: Object.keys(stages).filter((form) => !form.includes("*")),
  });
  return new Map([
    ["docs/asyncapi.json", jsonFile(document)],
    ["docs/events.md", eventsPage(catalogue)],
    ...catalogue.events.map((event): [string, string] => [contractFile(event.type), jsonFile(contractSchema(event))]),
  ]);
}

/** Contracts of events that are gone; published ones have been reported as breaks before. */
function obsoleteContracts({ events }: Catalogue): string[] {
  const types = new Set<string>(events.map(({ type }) => type));
  return [...contractFiles(root).keys()].filter((type) => !types.has(type)).map(contractFile);
}

function check(documents: ReadonlyMap<string, string>, obsolete: readonly string[]): void {
  const stale = [...documents].filter(([file, text]) => read(file) !== text).map(([file]) => file);
  const files = [...stale, ...obsolete];
  if (files.length === 0) return;
  fail([
    `${files.join(", ")} ${files.length === 1 ? "is" : "are"} stale: run npm run docs:events and commit ${files.length === 1 ? "it" : "them"}`,
  ]);
}

function read(file: string): string | undefined {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function write(file: string, text: string): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function fail(lines: readonly string[]): void {
  for (const line of lines) console.error(line);
  process.exitCode = 1;
}
