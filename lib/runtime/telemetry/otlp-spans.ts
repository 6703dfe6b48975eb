import { textIn, valueIn, type Details } from "./observed-log.ts";

/** OpenTelemetry's numbers: opentelemetry-proto, trace/v1/trace.proto, "SpanKind", "StatusCode" */
const CONSUMER = 5;
const ERROR = 2;

/** A span as OTLP's JSON has it. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export type OtlpSpan = Readonly<Record<string, unknown>>;

/** A request of OTLP's trace service with the spans of one function. */
export function exportRequest(functionName: string, spans: readonly OtlpSpan[]): string {
  const resource = { attributes: attributes({ "service.name": functionName, "cloud.provider": "aws" }) };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "fanfare" }, spans }] }] });
}

/**
 * The span of a record's handling, by its log line; undefined for other lines, and for a trace that is not sampled. The attempt that
 * takes effect has the id that the events it emitted name as their parent; any other attempt has one that nobody names.
 */
export function spanOf(details: Details, end: number, randomId: () => string): OtlpSpan | undefined {
  const { outcome, trace, event, error, attempt, milliseconds } = details;
  const [traceId, spanId, parentSpanId] = ["id", "span", "parent"].map((name) => textIn(trace, name));
  if (typeof outcome !== "string" || traceId === undefined || valueIn(trace, "sampled") === false) return undefined;
  const failed = outcome !== "done" && outcome !== "duplicate";
  const type = textIn(event, "type") ?? "unknown";
  return {
    traceId,
    spanId: outcome === "done" ? spanId : randomId(),
    parentSpanId,
    name: `process ${type}`,
    kind: CONSUMER,
    startTimeUnixNano: nanoseconds(end - (typeof milliseconds === "number" ? milliseconds : 0)),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributes({
      "messaging.system": "aws_sqs",
      "messaging.operation.type": "process",
      "cloudevents.event_id": textIn(event, "id"),
      "cloudevents.event_type": type,
      "fanfare.outcome": outcome,
      "fanfare.attempt": typeof attempt === "number" ? String(attempt) : undefined,
    }),
    ...(failed && { status: { code: ERROR, message: textIn(error, "name") ?? outcome } }),
  };
}

function attributes(values: Readonly<Record<string, string | undefined>>) {
  return Object.entries(values).flatMap(([key, stringValue]) =>
    stringValue === undefined ? [] : [{ key, value: { stringValue } }],
  );
}

function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds)}000000`;
}
