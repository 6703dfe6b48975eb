import { hash } from "node:crypto";

/** Where in a trace something happened, as W3C Trace Context says it. https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** 32 hexadecimal digits, shared by all that follows from one event. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the trace is recorded. */
  readonly sampled: boolean;
}

/** Version 00 has these fields and no more; a later version has them first, and then a dash. "Versioning of traceparent" */
const TRACEPARENT =
  /^(?:00(?=.{53}$)|(?!00|ff)[0-9a-f]{2}(?=.{53}(?:-|$)))-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;

const SAMPLED = 1;

/** Reads a `traceparent`; undefined if it is none. */
export function parseTraceparent(value: unknown): TraceContext | undefined {
  const [, traceId, spanId, flags] = (typeof value === "string" && TRACEPARENT.exec(value)) || [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, sampled: (parseInt(flags ?? "0", 16) & SAMPLED) === SAMPLED };
}

/** Writes a `traceparent` of version 00. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** A trace that begins with an event: the same one for everybody who reads the event. */
export function beginTrace(correlationid: string): TraceContext {
  return { traceId: digest(`trace ${correlationid}`, 32), spanId: digest(`span ${correlationid}`, 16), sampled: true };
}

/** The span that something happens in: the same one whenever it happens again. @param what what happens, unique in the trace */
export function spanWithin(parent: TraceContext, what: string): TraceContext {
  return { ...parent, spanId: digest(`${parent.spanId} ${what}`, 16) };
}

function digest(text: string, digits: number): string {
  return hash("sha256", text).slice(0, digits);
}
