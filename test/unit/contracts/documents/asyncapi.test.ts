import specs from "@asyncapi/specs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as events from "#events";
import { asyncApiDocument } from "#lib/contracts/documents/asyncapi.ts";
import { catalogueOf } from "#lib/contracts/documents/catalogue.ts";
import { eventsPage } from "#lib/contracts/documents/events-page.ts";
import type { ServiceDefinition, TopicDefinition } from "#lib/contracts/index.ts";
import { findServices } from "../../../../bin/services.ts";

const definitions = Object.values(events);
const services = await findServices(join(import.meta.dirname, "../../../.."));
const options = {
  title: "Parcels",
  version: "1.0.0",
  description: "Parcels.",
  topicName: ({ name }: TopicDefinition) => `shop-{stage}-${name}`,
  queueName: ({ name }: ServiceDefinition) => `shop-{stage}-${name}`,
  stages: ["dev", "prod"],
};
const document = asyncApiDocument(catalogueOf(definitions, services), options);

describe("the AsyncAPI document", () => {
  it("is valid AsyncAPI 3.0.0 by the specification's own schema", () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    const specification: object = specs.schemasWithoutId["3.0.0"];
    ajv.validate(specification, document);

    expect(ajv.errors ?? []).toEqual([]);
  });

  it("points nowhere that does not exist", () => {
    const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]*)"/g)].map(([, pointer]) => pointer!);
    const missing = pointers.filter((pointer) => resolve(document, pointer) === undefined);

    expect(pointers.length).toBeGreaterThan(definitions.length);
    expect(missing).toEqual([]);
  });

  it("has examples that their payload's schemas accept", () => {
    for (const { type } of definitions) {
      const ajv = new Ajv({ strict: false, allErrors: true });
      formats.default(ajv);
      ajv.addSchema({ ...document, $id: "document" }, "document");
      const message = `/components/messages/${type}`;
      ajv.validate({ $ref: `document#${message}/payload` }, resolve(document, `${message}/examples/0/payload`));
      expect(ajv.errors ?? [], type).toEqual([]);
    }
  });

  it("names who receives what, with the filter of each queue", () => {
    expect(document).toMatchObject({
      operations: {
        "orders.receive.payments": {
          action: "receive",
          channel: { $ref: "#/channels/payments" },
          messages: [
            { $ref: "#/channels/payments/messages/payment.captured.v1" },
            { $ref: "#/channels/payments/messages/payment.declined.v1" },
          ],
          bindings: { sqs: { queues: [{ name: "shop-{stage}-orders" }] } },
        },
        "payments.send.payments": {
          action: "send",
          bindings: {
            sns: {
              consumers: expect.arrayContaining([
                expect.objectContaining({
                  endpoint: { name: "shop-{stage}-orders" },
                  filterPolicy: { type: ["payment.captured.v1", "payment.declined.v1"] },
                  rawMessageDelivery: true,
                }),
              ]),
            },
          },
        },
      },
    });
  });

  it("says of events that no service publishes that they come from outside", () => {
    expect(document).toMatchObject({
      operations: {
        "producers.send.orders": { messages: [{ $ref: "#/channels/orders/messages/order.placed.v1" }] },
      },
    });
  });
});

it("documents are the same whatever the order in which events and services are found", () => {
  const backwards = catalogueOf(definitions.toReversed(), services.toReversed());

  expect(JSON.stringify(asyncApiDocument(backwards, options))).toBe(JSON.stringify(document));
  expect(eventsPage(backwards)).toBe(eventsPage(catalogueOf(definitions, services)));
});

it("a service that names an event which is not exported is refused by name", () => {
  const others = definitions.filter((event) => event !== events.paymentCaptured);

  expect(() => catalogueOf(others, services)).toThrow(/^service \w+: names payment\.captured\.v1/);
});

/** The value at a JSON pointer; our keys hold no slash and no tilde. */
function resolve(root: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce((value: unknown, key) => Object.entries(value ?? {}).find(([name]) => name === key)?.[1] as unknown, root);
}
