import { type Catalogue, type Consumer, consumers, type Participant, PRODUCERS, publishers, topics } from "./catalogue.ts";
import { claimEnvelopeSchema, envelopeSchema, exampleEnvelope } from "./envelope-schema.ts";
import { schemaUri } from "../envelope.ts";
import type { AnyEventDefinition } from "../event.ts";
import type { JsonObject } from "./json.ts";
import { asJson, embeddedSchema } from "./json-schema.ts";
import { isOrdered, type ServiceDefinition } from "../service.ts";
import type { TopicDefinition } from "../topic.ts";

/** What the document contains besides the events. */
export interface AsyncApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** The name of a topic's SNS topic; `{stage}` in it stands for the stage. */
  readonly topicName: (topic: TopicDefinition) => string;
  /** The name of a service's SQS queue; `{stage}` in it stands for the stage. */
  readonly queueName: (service: ServiceDefinition) => string;
  readonly stages: readonly string[];
}

/** Versions of the bindings that AsyncAPI 3.0.0 knows. https://github.com/asyncapi/bindings */
const SNS_BINDING = "0.1.0";
const SQS_BINDING = "0.2.0";

/**
 * An AsyncAPI 3.0.0 document: topics as channels, events as messages, and per service and topic what it receives and sends.
 *
 * @throws Error when an event's schema cannot be expressed as JSON Schema.
 */
export function asyncApiDocument(catalogue: Catalogue, options: AsyncApiOptions): JsonObject {
  const receive = consumers(catalogue);
  return {
    asyncapi: "3.0.0",
    info: {
      title: options.title,
      version: options.version,
      description: options.description,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries(topics(catalogue).map((topic) => [topic.name, channel(topic, catalogue, options)])),
    operations: {
      ...operations("send", publishers(catalogue), (publisher) => send(publisher, receive, options)),
      ...operations("receive", receive, (consumer) => receiveFrom(consumer, options)),
    },
    components: {
      messages: Object.fromEntries(catalogue.events.map((event) => [event.type, message(event, sourceOf(event, catalogue))])),
      schemas: {
        CloudEvent: envelopeSchema,
        ...(topics(catalogue).some(({ largeEvents }) => largeEvents) && { CloudEventByReference: claimEnvelopeSchema }),
        ...Object.fromEntries(catalogue.events.map((event) => [event.type, embeddedSchema(event, dataPointer(event))])),
      },
      correlationIds: {
        story: { description: "Shared by every event that one event led to.", location: "$message.payload#/correlationid" },
      },
    },
  };
}

function channel(topic: TopicDefinition, { events }: Catalogue, { topicName, stages }: AsyncApiOptions): JsonObject {
  const carried = events.filter((event) => event.topic === topic);
  return {
    address: topicName(topic),
    title: topic.name,
    description: topic.description,
    messages: Object.fromEntries(carried.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }])),
    parameters: { stage: { description: "The stage: one deployment of the whole system.", examples: [...stages] } },
    bindings: {
      sns: {
        name: topicName(topic),
        ordering: { type: topic.fifo ? "FIFO" : "standard", contentBasedDeduplication: false },
        bindingVersion: SNS_BINDING,
      },
    },
  };
}

function operations<One extends Participant>(
  action: "send" | "receive",
  participants: readonly One[],
  describe: (participant: One) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    participants.map((one) => [`${one.name}.${action}.${one.topic.name}`, { action, ...describe(one) }]),
  );
}

/** Publishing to a topic; the binding lists the queues that the topic fans out to, each with its filter. */
function send(publisher: Participant, receive: readonly Consumer[], { queueName }: AsyncApiOptions): JsonObject {
  const subscribers = receive.filter(({ topic }) => topic === publisher.topic);
  return {
    ...operation(publisher),
    ...(subscribers.length > 0 && {
      bindings: {
        sns: {
          consumers: subscribers.map(({ service, events }) => ({
            protocol: "sqs",
            endpoint: { name: queueName(service) },
            filterPolicy: { type: events.map(({ type }) => type) },
            filterPolicyScope: "MessageAttributes",
            rawMessageDelivery: true,
          })),
          bindingVersion: SNS_BINDING,
        },
      },
    }),
  };
}

function receiveFrom(consumer: Consumer, { queueName }: AsyncApiOptions): JsonObject {
  const queue = { name: queueName(consumer.service), fifoQueue: isOrdered(consumer.service) };
  return { ...operation(consumer), bindings: { sqs: { queues: [queue], bindingVersion: SQS_BINDING } } };
}

function operation({ name, description, topic, events }: Participant): JsonObject {
  return {
    channel: { $ref: `#/channels/${topic.name}` },
    title: name,
    description,
    messages: events.map(({ type }) => ({ $ref: `#/channels/${topic.name}/messages/${type}` })),
  };
}

function message(event: AnyEventDefinition, source: string): JsonObject {
  const data = asJson(event.example, event.type);
  return {
    name: event.type,
    title: event.type,
    description: event.description,
    contentType: "application/json",
    headers: {
      type: "object",
      description: "Message attributes; subscriptions filter by them.",
      properties: { type: { const: event.type } },
      required: ["type"],
    },
    payload: {
      allOf: [
        envelopeOf(event),
        {
          type: "object",
          properties: {
            type: { const: event.type },
            dataschema: { const: schemaUri(event.type) },
            data: { $ref: dataPointer(event) },
          },
        },
      ],
    },
    correlationId: { $ref: "#/components/correlationIds/story" },
    examples: [{ name: "example", headers: { type: event.type }, payload: exampleOf(event, data, source) }],
  };
}

/** On a topic with large events the data may be in S3. */
function envelopeOf({ topic }: AnyEventDefinition): JsonObject {
  const whole = { $ref: "#/components/schemas/CloudEvent" };
  return topic.largeEvents ? { anyOf: [whole, { $ref: "#/components/schemas/CloudEventByReference" }] } : whole;
}

function exampleOf(event: AnyEventDefinition, data: JsonObject, source: string): JsonObject {
  return {
    specversion: "1.0",
    id: exampleEnvelope.id,
    source,
    type: event.type,
    subject: event.subject(event.example),
    time: exampleEnvelope.time,
    datacontenttype: "application/json",
    dataschema: schemaUri(event.type),
    traceparent: exampleEnvelope.traceparent,
    correlationid: exampleEnvelope.id,
    data,
  };
}

function sourceOf(event: AnyEventDefinition, { services }: Catalogue): string {
  return services.find(({ publishes }) => publishes.includes(event))?.name ?? PRODUCERS;
}

function dataPointer({ type }: AnyEventDefinition): string {
  return `#/components/schemas/${type}`;
}
