import { type Catalogue, consumers, type Participant, PRODUCERS, publishers, topics } from "./catalogue.ts";
import type { AnyEventDefinition } from "./event.ts";
import { contractSchema } from "./json-schema.ts";
import { fieldsOf } from "./schema-fields.ts";
import type { TopicDefinition } from "./topic.ts";

/** A page in Markdown for people: who publishes what to whom, as a picture and as a table per topic. */
export function eventsPage(catalogue: Catalogue): string {
  const flows: Flows = { send: publishers(catalogue), receive: consumers(catalogue) };
  return [
    "# Events",
    "Made by `npm run docs:events` from `events/` and `functions/*/service.ts`; do not edit. The same for machines:",
    "[asyncapi.json](asyncapi.json), and the JSON Schema of each event in [contracts/](contracts/).",
    "",
    picture(catalogue, flows),
    ...topics(catalogue).map((topic) => section(topic, catalogue, flows)),
  ].join("\n");
}

interface Flows {
  readonly send: readonly Participant[];
  readonly receive: readonly Participant[];
}

/** Services, the topics that they publish to (thick arrows), and the services that these fan out to (thin arrows). */
function picture(catalogue: Catalogue, { send, receive }: Flows): string {
  return [
    "```mermaid",
    "flowchart LR",
    `  ${node("service", PRODUCERS)}[/${PRODUCERS}/]`,
    ...topics(catalogue).map(({ name }) => `  ${node("topic", name)}([${name}])`),
    ...catalogue.services.map(({ name }) => `  ${node("service", name)}[${name}]`),
    ...send.map(({ name, topic, events }) => `  ${node("service", name)} ==>|${labels(events)}| ${node("topic", topic.name)}`),
    ...receive.map(({ name, topic }) => `  ${node("topic", topic.name)} --> ${node("service", name)}`),
    "```",
    "",
  ].join("\n");
}

function section(topic: TopicDefinition, { events }: Catalogue, flows: Flows): string {
  return [
    `## ${topic.name}`,
    topic.description,
    "",
    "| event | what it means | published by | consumed by | fields of `data` |",
    "| --- | --- | --- | --- | --- |",
    ...events.filter((event) => event.topic === topic).map((event) => row(event, flows)),
    "",
  ].join("\n");
}

function row(event: AnyEventDefinition, { send, receive }: Flows): string {
  const fields = fieldsOf(contractSchema(event)).map(({ path, shape }) => `\`${path}\` ${shape}`);
  const cells = [
    `[\`${event.type}\`](contracts/${event.type}.json)`,
    event.description,
    names(send, event),
    names(receive, event) || "nobody",
    fields.join("<br>"),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

function names(participants: readonly Participant[], event: AnyEventDefinition): string {
  return participants
    .filter(({ events }) => events.includes(event))
    .map(({ name }) => name)
    .join(", ");
}

function labels(events: readonly AnyEventDefinition[]): string {
  return events.map(({ type }) => type).join("<br>");
}

/** An id of the picture's: Mermaid reads dashes and words such as `end` as its own. */
function node(kind: "service" | "topic", name: string): string {
  return `${kind}_${name.replaceAll("-", "_")}`;
}
