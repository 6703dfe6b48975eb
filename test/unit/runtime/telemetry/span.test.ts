import { afterAll, beforeAll, expect, test } from "vitest";
import { formatTraceparent, parseTraceparent } from "#lib/contracts/cloudevents/trace-context.ts";
import { toolMade, wanted, Workshop } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => void (workshop = await Workshop.open()));
afterAll(() => workshop[Symbol.asyncDispose]());

test("what a handler emits, and what it calls, belongs to the span of the handling, in the trace of the event", async () => {
  const event = wanted("awl");
  let seen = "";
  const { log } = await workshop.deliver([event], ({ data, traceparent }, unit) => {
    seen = traceparent;
    unit.emit(toolMade, data);
  });

  const parent = parseTraceparent(event.traceparent);
  const trace = log[0]?.details["trace"];
  expect(trace).toMatchObject({ id: parent?.traceId, parent: parent?.spanId });
  expect(parseTraceparent(seen)).toMatchObject({ traceId: parent?.traceId, sampled: true });
  expect(trace).toMatchObject({ span: parseTraceparent(seen)?.spanId });
  expect(workshop.publishedAfter(event).map(({ traceparent }) => traceparent)).toEqual([seen]);
});

test("every attempt at an event has the same span, so that the events of the one that commits have a parent", async () => {
  const event = wanted("bradawl");
  const spans: unknown[] = [];
  for (const attempt of [1, 2]) {
    const { log } = await workshop.deliver(
      [event],
      ({ traceparent }) => {
        spans.push(traceparent);
        if (attempt === 1) throw new Error("not yet");
      },
      { attempt },
    );
    spans.push(log[0]?.details["trace"]);
  }
  expect(spans.slice(2)).toEqual(spans.slice(0, 2));
});

test("a trace that its publisher does not record is not recorded further on", async () => {
  const context = parseTraceparent(wanted("chisel").traceparent);
  if (!context) throw new Error("an event has a trace");
  const event = { ...wanted("chisel"), traceparent: formatTraceparent({ ...context, sampled: false }) };
  await workshop.deliver([event], ({ data }, unit) => unit.emit(toolMade, data));

  expect(workshop.publishedAfter(event)[0]?.traceparent).toMatch(/-00$/);
});
