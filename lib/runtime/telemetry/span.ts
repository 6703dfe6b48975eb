import type { Envelope } from "../../contracts/envelope.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { beginTrace, parseTraceparent, spanWithin, type TraceContext } from "../../contracts/cloudevents/trace-context.ts";

import type { Details } from "./observed-log.ts";

/** The span of an event's handling by a service. */
export interface HandlingSpan extends TraceContext {
  /** The span that published the event. */
  readonly parentSpanId: string;
}

/**
 * The span in which a service handles an event. It is the same on every delivery and in every run, so what the handler emits
 * names a parent that exists, whichever attempt commits.
 */
export function handlingOf(
  { name }: Pick<ServiceDefinition, "name">,
  { id, source, traceparent, correlationid }: Pick<Envelope, "id" | "source" | "traceparent" | "correlationid">,
): HandlingSpan {
  const published = parseTraceparent(traceparent) ?? beginTrace(correlationid);
  return { ...spanWithin(published, JSON.stringify([name, source, id])), parentSpanId: published.spanId };
}

/** A span in the fields of a log line. */
export function loggedSpan({ traceId, spanId, parentSpanId, sampled }: HandlingSpan): Details {
  return { id: traceId, span: spanId, parent: parentSpanId, ...(!sampled && { sampled }) };
}
