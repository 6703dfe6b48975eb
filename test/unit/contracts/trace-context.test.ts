import { describe, expect, it } from "vitest";
import { beginTrace, formatTraceparent, parseTraceparent, spanWithin } from "#lib/contracts/cloudevents/trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

/** https://www.w3.org/TR/trace-context/, "traceparent Header Field Values", "Versioning of traceparent" */
describe("a traceparent", () => {
  it.each([
    ["00-TRACE-SPAN-01", true],
    ["00-TRACE-SPAN-00", false],
    ["00-TRACE-SPAN-03", true],
    ["01-TRACE-SPAN-01", true],
    ["cc-TRACE-SPAN-01-what-the-future-will-be-like", true],
  ])("%s is read", (form, sampled) => {
    expect(parseTraceparent(filled(form))).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
  });

  it.each([
    ["of a forbidden version", "ff-TRACE-SPAN-01"],
    ["of version 00 with more behind it", "00-TRACE-SPAN-01-more"],
    ["of a later version with more than fields", "01-TRACE-SPAN-01.more"],
    ["in capitals", `00-${TRACE.toUpperCase()}-SPAN-01`],
    ["with a trace of zeros", `00-${"0".repeat(32)}-SPAN-01`],
    ["with a span of zeros", `00-TRACE-${"0".repeat(16)}-01`],
    ["too short", "00-TRACE-SPAN-1"],
    ["with a space before it", " 00-TRACE-SPAN-01"],
    ["with a line behind it", "00-TRACE-SPAN-01\n"],
  ])("%s is none", (_, form) => {
    expect(parseTraceparent(filled(form))).toBeUndefined();
  });

  it.each([undefined, null, 7, {}])("that is %o is none", (value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  it("is written in version 00, with the one flag that we know", () => {
    expect(formatTraceparent({ traceId: TRACE, spanId: SPAN, sampled: false })).toBe(filled("00-TRACE-SPAN-00"));
    expect(parseTraceparent(formatTraceparent(beginTrace("an order")))).toEqual(beginTrace("an order"));
  });
});

describe("a span", () => {
  it("is the same whenever the same happens in it, and another for anything else", () => {
    const trace = beginTrace("an order");
    expect(spanWithin(trace, "a")).toEqual(spanWithin(trace, "a"));
    const spans = [trace, spanWithin(trace, "a"), spanWithin(trace, "b"), spanWithin(spanWithin(trace, "a"), "a")];
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });
});

function filled(form: string): string {
  return form.replace("TRACE", TRACE).replace("SPAN", SPAN);
}
