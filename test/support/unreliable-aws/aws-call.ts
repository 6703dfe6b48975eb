import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { isRecord } from "#lib/laptop/shared/json.ts";

/** A call on its way to AWS. */
export interface AwsCall {
  /** `SendMessage`, `PublishBatch`. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** What a call in JSON says; undefined for other protocols. */
  readonly input: Readonly<Record<string, unknown>> | undefined;
}

/** What AWS answers. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads a call to its end. */
export async function readCall(request: IncomingMessage): Promise<AwsCall> {
  const body = await text(request);
  const { method = "GET", url: path = "/", headers } = request;
  const target = headers["x-amz-target"];
  const input = typeof target === "string" ? parsed(body) : undefined;
  const operation = typeof target === "string" ? target.split(".").at(-1)! : (new URLSearchParams(body).get("Action") ?? "");
  return { operation, method, path, headers, body, input };
}

/** A call of the JSON protocol with another input. */
export function withInput(call: AwsCall, input: Readonly<Record<string, unknown>>): AwsCall {
  return { ...call, input, body: JSON.stringify(input) };
}

export function jsonAnswer(status: number, value: object): AwsAnswer {
  return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body: JSON.stringify(value) };
}

/** A refusal in the protocol of a call. */
export function refusal({ input }: AwsCall, status: number, code: string, message: string): AwsAnswer {
  if (input) return jsonAnswer(status, { __type: code, message });
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

/** An object in JSON; undefined for everything else. */
export function parsed(json: string): Record<string, unknown> | undefined {
  const value: unknown = json === "" ? {} : JSON.parse(json);
  return isRecord(value) ? value : undefined;
}

/** The objects in a list. */
export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
