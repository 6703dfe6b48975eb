import { randomUUID } from "node:crypto";
import { xmlText } from "../../shared/xml.ts";
import { Answer, type WireRequest } from "../call.ts";
import type { Protocol } from "../service.ts";

/** S3's REST API: bodies are objects or XML. The operation is the method; what it is about, the service reads from path and query. */
export const protocol: Protocol = {
  read: ({ method }: WireRequest) => ({ operation: method, input: {} }),
  answer: () => new Answer(200),
  refuse: ({ code, message, status }) =>
    new Answer(status, errorXml(code, message), { "content-type": "application/xml", "x-amz-request-id": randomUUID() }),
};

/** An error as S3 writes it. S3 API reference, "REST error responses" */
export function errorXml(code: string, message: string): string {
  const reason = `<Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Error>${reason}<RequestId>${randomUUID()}</RequestId></Error>`;
}
