import { MAXIMUM_ID } from "../cloudevents/attributes.ts";
import type { JsonObject } from "./json.ts";

/** The JSON Schema of the envelope around every event's data, as {@link Envelope} describes it in TypeScript. */
export const envelopeSchema = {
  type: "object",
  title: "CloudEvent",
  description:
    "A CloudEvents 1.0 event in JSON, structured mode. Attributes beside these are extensions, which consumers receive too.",
  required: ["specversion", "id", "source", "type", "subject", "time", "data"],
  properties: {
    specversion: { const: "1.0" },
    id: {
      type: "string",
      minLength: 1,
      maxLength: MAXIMUM_ID,
      description: "Unique per event; a duplicate has the same id.",
    },
    source: { type: "string", format: "uri-reference", minLength: 1, description: "The publisher." },
    type: { type: "string", minLength: 1, description: "The event's name and version." },
    subject: { type: "string", minLength: 1, description: "What the event is about, for example an order's id." },
    time: { type: "string", format: "date-time", description: "When it happened." },
    datacontenttype: { const: "application/json" },
    dataschema: { type: "string", format: "uri", description: "Names the schema of data." },
    traceparent: { type: "string", pattern: "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", description: "W3C Trace Context." },
    tracestate: { type: "string", description: "W3C Trace Context: what tracing systems add to the trace." },
    correlationid: { type: "string", minLength: 1, description: "The id of the first event in the chain." },
    causationid: { type: "string", minLength: 1, description: "The id of the event that led to this one." },
    data: { description: "What happened, as the event's schema defines." },
  },
} satisfies JsonObject;

const { data: _, ...withoutData } = envelopeSchema.properties;

/** The JSON Schema of the envelope of a large event, whose data is in S3. */
export const claimEnvelopeSchema: JsonObject = {
  ...envelopeSchema,
  title: "CloudEventByReference",
  description: "A CloudEvents 1.0 event in JSON whose data is stored in S3.",
  required: [...envelopeSchema.required.filter((name) => name !== "data"), "dataref", "datahash"],
  properties: {
    ...withoutData,
    dataref: { type: "string", format: "uri", pattern: "^s3://", description: "The S3 object with the data, as JSON." },
    datahash: { type: "string", pattern: "^[0-9a-f]{64}$", description: "SHA-256 of that object, in hexadecimal." },
  },
};

/** Envelope fields of the documents' examples: fixed, so that the documents only change with the contracts. */
export const exampleEnvelope = {
  id: "5f0c54a2-6d0e-4c52-9f0b-0a9f3c1e7d11",
  time: "2026-11-20T09:30:00.000Z",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
} as const;
