import {
  type Catalogue,
  type Consumer,
  consumers,
  handledAs,
  type Participant,
  PRODUCERS,
  publishers,
  topics,
} from "./catalogue.ts";
import type { AnyEventDefinition } from "../event.ts";
import { contractSchema } from "./json-schema.ts";
import { fieldsOf } from "./schema-fields.ts";
import type { TopicDefinition } from "../topic.ts";

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
  readonly receive: readonly Consumer[];
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
    ...(topic.fifo ? [order(topic, flows)] : []),
    "",
    "| event | what it means | published by | consumed by | fields of `data` |",
    "| --- | --- | --- | --- | --- |",
    ...events.filter((event) => event.topic === topic).map((event) => row(event, flows)),
    "",
  ].join("\n");
}

/** Who receives the events of a FIFO topic in order. */
function order(topic: TopicDefinition, { receive }: Flows): string {
  const without = receive.filter((consumer) => consumer.topic === topic && consumer.service.unordered);
  const but = without.length > 0 ? `, but for those that want none: ${without.map(({ name }) => name).join(", ")}` : "";
  return `The services receive the events of one subject in their order${but}.`;
}

function row(event: AnyEventDefinition, { send, receive }: Flows): string {
  const fields = fieldsOf(contractSchema(event)).map(({ path, shape }) => `\`${path}\` ${shape}`);
  const cells = [
    `[\`${event.type}\`](contracts/${event.type}.json)`,
    event.description,
    send
      .filter(({ events }) => events.includes(event))
      .map(({ name }) => name)
      .join(", "),
    receive
      .filter(({ events }) => events.includes(event))
      .map((consumer) => consumerOf(event, consumer))
      .join(", ") || "nobody",
    fields.join("<br>"),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

/** A consumer of an event, and the newer version under which its handler sees the event, if it does. */
function consumerOf(event: AnyEventDefinition, consumer: Consumer): string {
  const type = handledAs(consumer, event);
  return type === event.type ? consumer.name : `${consumer.name} (as \`${type}\`)`;
}

function labels(events: readonly AnyEventDefinition[]): string {
  return events.map(({ type }) => type).join("<br>");
}

/** An id in the diagram: Mermaid gives dashes and words such as `end` a meaning. */
function node(kind: "service" | "topic", name: string): string {
  return `${kind}_${name.replaceAll("-", "_")}`;
}
