import * as v from "valibot";
import { expect, it } from "vitest";
import { asyncApiDocument } from "#lib/contracts/documents/asyncapi.ts";
import { catalogueOf } from "#lib/contracts/documents/catalogue.ts";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { createEnvelope, defineEvent, defineTopic } from "#lib/contracts/index.ts";

function documentOf(largeEvents: boolean) {
  const topic = defineTopic({ name: "scans", description: "Scanned pages.", largeEvents });
  const scanned = defineEvent({
    type: "page.scanned.v1",
    topic,
    description: "A page has been scanned.",
    schema: v.object({ id: v.string() }),
    subject: ({ id }) => id,
    example: { id: "1" },
  });
  const envelope = createEnvelope(scanned, scanned.example, { source: "test" });
  const document = asyncApiDocument(catalogueOf([scanned], []), {
    title: "Scans",
    version: "1.0.0",
    description: "Scans.",
    topicName: ({ name }) => name,
    queueName: ({ name }) => name,
    stages: ["dev"],
  });
  return { document, envelope };
}

it("the AsyncAPI document of a topic with large events says that their data may lie elsewhere, and where", () => {
  expect(documentOf(true).document).toMatchObject({
    components: {
      messages: {
        "page.scanned.v1": {
          payload: {
            allOf: [
              {
                anyOf: [{ $ref: "#/components/schemas/CloudEvent" }, { $ref: "#/components/schemas/CloudEventByReference" }],
              },
              {},
            ],
          },
        },
      },
      schemas: {
        CloudEventByReference: {
          required: ["specversion", "id", "source", "type", "subject", "time", "dataref", "datahash"],
          properties: { dataref: { pattern: "^s3://" } },
        },
      },
    },
  });
});

it("and of any other topic nothing of the kind", () => {
  expect(JSON.stringify(documentOf(false).document)).not.toContain("CloudEventByReference");
});

it("an envelope with a dataref and no data says what is wrong with it", () => {
  const { data: _, ...rest } = documentOf(true).envelope;
  expect(() => parseEnvelope(JSON.stringify({ ...rest, dataref: "s3://bucket/key" }))).toThrow(
    'the envelope\'s "data" is missing, and a "dataref" is for topics with largeEvents',
  );
  expect(() => parseEnvelope(JSON.stringify(rest))).toThrow(/^the envelope's "data" is missing$/);
});
