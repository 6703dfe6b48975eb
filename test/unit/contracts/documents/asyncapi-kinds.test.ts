import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { asyncApiDocument } from "#lib/contracts/documents/asyncapi.ts";
import { catalogueOf } from "#lib/contracts/documents/catalogue.ts";
import { eventsPage } from "#lib/contracts/documents/events-page.ts";
import { queueOrTopicName } from "#lib/contracts/fifo.ts";
import { defineEvent, defineService, defineTopic, upcastFrom } from "#lib/contracts/index.ts";
import { isOrdered } from "#lib/contracts/service.ts";

const tracks = defineTopic({ name: "tracks", description: "Where parcels are.", fifo: true });
const moved = defineEvent({
  type: "parcel.moved.v1",
  topic: tracks,
  description: "A parcel was moved.",
  schema: v.object({ id: v.string() }),
  subject: ({ id }) => id,
  example: { id: "7" },
});
const movedAgain = defineEvent({ ...moved, type: "parcel.moved.v2", upcasts: [upcastFrom(moved, (data) => data)] });
const desk = defineService("desk", "Follows.", { consumes: [movedAgain], publishes: [], owns: [] });
const tally = defineService("tally", "Counts.", { consumes: [moved], publishes: [], owns: [], unordered: true });
const catalogue = catalogueOf([moved, movedAgain], [desk, tally]);

const document = asyncApiDocument(catalogue, {
  title: "Parcels",
  version: "1.0.0",
  description: "Parcels.",
  topicName: ({ name, fifo }) => queueOrTopicName(name, fifo),
  queueName: (service) => queueOrTopicName(service.name, isOrdered(service)),
  stages: ["dev"],
});

describe("the AsyncAPI document", () => {
  it("says which topics and queues are FIFO", () => {
    expect(document).toMatchObject({
      channels: {
        tracks: {
          address: "tracks.fifo",
          bindings: { sns: { name: "tracks.fifo", ordering: { type: "FIFO", contentBasedDeduplication: false } } },
        },
      },
      operations: {
        "desk.receive.tracks": { bindings: { sqs: { queues: [{ name: "desk.fifo", fifoQueue: true }] } } },
        "tally.receive.tracks": { bindings: { sqs: { queues: [{ name: "tally", fifoQueue: false }] } } },
      },
    });
  });

  it("has a service receive the older versions that it understands", () => {
    const both = ["v1", "v2"].map((version) => ({ $ref: `#/channels/tracks/messages/parcel.moved.${version}` }));
    expect(document).toMatchObject({
      operations: {
        "desk.receive.tracks": { messages: both },
        "tally.receive.tracks": { messages: both.slice(0, 1) },
        "producers.send.tracks": {
          bindings: {
            sns: {
              consumers: [
                { endpoint: { name: "desk.fifo" }, filterPolicy: { type: ["parcel.moved.v1", "parcel.moved.v2"] } },
                { endpoint: { name: "tally" }, filterPolicy: { type: ["parcel.moved.v1"] } },
              ],
            },
          },
        },
      },
    });
  });
});

describe("the page on events", () => {
  const lines = eventsPage(catalogue).split("\n");

  it("says that the events of a topic keep their order", () => {
    const heading = lines.indexOf("## tracks");
    expect(lines.slice(heading + 1, heading + 3)).toEqual([
      "Where parcels are.",
      "Services receive the events of one subject in order, except tally.",
    ]);
  });

  it("says of an older version who still understands it, and as what", () => {
    const row = (type: string) => lines.find((line) => line.startsWith(`| [\`${type}\``));
    expect(row("parcel.moved.v1")).toContain("| desk (as `parcel.moved.v2`), tally |");
    expect(row("parcel.moved.v2")).toContain("| desk |");
  });
});

it("an upcast from an event that is not exported is refused by name", () => {
  expect(() => catalogueOf([movedAgain], [])).toThrow(
    "event parcel.moved.v2: upcasts parcel.moved.v1, which events/index.ts does not export",
  );
});
