import { randomBytes } from "node:crypto";
import { functionVariables } from "../../contracts/function-variables.ts";
import { requireVariable } from "../lambda/config.ts";
import { environmentCredentials } from "../lambda/environment-credentials.ts";
import { signedHeaders } from "../lambda/signature.ts";
import type { Details, Observer } from "./observed-log.ts";
import { exportRequest, type OtlpSpan, spanOf } from "./otlp-spans.ts";

/** Longest wait for X-Ray, in milliseconds: spans are not worth an invocation's time. */
const PATIENCE_MILLISECONDS = 500;

/**
 * Sends the spans of an invocation to X-Ray's OpenTelemetry endpoint when it ends, in one call. What X-Ray does not take is lost: a trace
 * misses a span then, and no event anything. AmazonCloudWatch, "OpenTelemetry protocol endpoints"
 */
export class Tracer implements Observer {
  readonly #endpoint: URL;
  readonly #functionName: string;
  #spans: OtlpSpan[] = [];

  constructor(endpoint: URL, functionName: string) {
    this.#endpoint = endpoint;
    this.#functionName = functionName;
  }

  observe(details: Details): void {
    const span = spanOf(details, Date.now(), () => randomBytes(8).toString("hex"));
    if (span) this.#spans.push(span);
  }

  /** Sends the spans and forgets them. Never throws. @param left milliseconds that the invocation has left */
  async flush(left: number): Promise<void> {
    const spans = this.#spans;
    this.#spans = [];
    const patience = Math.min(PATIENCE_MILLISECONDS, left / 2);
    if (spans.length === 0 || patience < 1) return;
    await this.#send(exportRequest(this.#functionName, spans), AbortSignal.timeout(patience)).catch(() => undefined);
  }

  async #send(body: string, signal: AbortSignal): Promise<void> {
    const { host, pathname: path } = this.#endpoint;
    const region = requireVariable("AWS_REGION");
    const headers = { host, "content-type": "application/json" };
    const call = { service: "xray", region, path, headers, body, time: new Date() };
    const { host: _, ...signed } = signedHeaders(call, environmentCredentials());
    const response = await fetch(this.#endpoint, { method: "POST", headers: signed, body, signal });
    await response.arrayBuffer();
  }
}

/** The tracer that the function's stack asks for; none on the laptop, which draws traces from the log. */
export function tracerOf(functionName: string, variables: NodeJS.ProcessEnv = process.env): Tracer | undefined {
  const endpoint = variables[functionVariables.tracesEndpoint];
  if (!endpoint || variables["AWS_ENDPOINT_URL"]) return undefined;
  return new Tracer(new URL(endpoint), functionName);
}
