import { randomUUID } from "node:crypto";
import { xmlText } from "../../shared/xml.ts";
import { Answer } from "../call.ts";
import type { Protocol } from "../service.ts";
import { readOperation } from "./request/read.ts";

/** S3's REST API: bodies are objects or XML. */
export const protocol: Protocol = {
  read: readOperation,
  answer: () => new Answer(200),
  refuse: ({ code, message, status }) =>
    new Answer(status, errorXml(code, message), { "content-type": "application/xml", "x-amz-request-id": randomUUID() }),
};

/** An error as S3 writes it. S3 API reference, "REST error responses" */
export function errorXml(code: string, message: string): string {
  const reason = `<Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Error>${reason}<RequestId>${randomUUID()}</RequestId></Error>`;
}
