import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../../shared/aws-error.ts";
import { parseObject, sendJson, sendXml } from "../../gateway/http.ts";
import { asText } from "../../shared/json.ts";
import { ACTIONS, type Action } from "./api/actions.ts";
import { queryCode } from "./api/errors.ts";
import { queryForm } from "./query-form.ts";
import { readForm } from "../../shared/protocols/read-form.ts";
import { readInput } from "../../shared/protocols/read-input.ts";
import { writeAnswer, writeRefusal } from "../../shared/protocols/write-answer.ts";

/** A call of SQS, read. */
export interface SqsCall {
  readonly name: string;
  readonly action: Action;
  /** As the JSON protocol has it. */
  readonly input: Record<string, unknown>;
}

/** One of the two ways in which callers speak to SQS. */
export interface SqsProtocol {
  /** @throws AwsError for a call that SQS refuses before it does anything */
  read(request: IncomingMessage, body: Buffer): SqsCall;
  /** Answers a call; `output` is as the JSON protocol has it. */
  answer(response: ServerResponse, call: SqsCall, output: Record<string, unknown>): void;
  refuse(response: ServerResponse, error: AwsError): void;
}

const TARGET = "AmazonSQS.";

/** The JSON protocol: the action is in the header X-Amz-Target. */
export const jsonProtocol: SqsProtocol = {
  read({ headers }, body) {
    const name = asText(headers["x-amz-target"] ?? "").slice(TARGET.length);
    const action = known(name);
    return { name, action, input: readInput(action.input, parseObject(body)) };
  },
  answer(response, _call, output) {
    sendJson(response, 200, output, "application/x-amz-json-1.0");
  },
  refuse(response, { code, message, status }) {
    // SDKs show the code that the Query protocol had, which programs have come to rely on.
    response.setHeader("x-amzn-query-error", `${queryCode(code)};${status < 500 ? "Sender" : "Receiver"}`);
    sendJson(response, status, { __type: `com.amazonaws.sqs#${code}`, message }, "application/x-amz-json-1.0");
  },
};

/** The Query protocol, which AWS CLIs spoke before 2023: a form in, XML out. A call may also stand in the URL's query. */
export const queryProtocol: SqsProtocol = {
  read(request, body) {
    const form = queryForm(request, body);
    const name = form.get("Action");
    if (name === undefined) throw new AwsError("MissingAction", "The request must contain the parameter Action.");
    const action = known(name);
    return { name, action, input: readInput(action.input, readForm(action.input, form)) };
  },
  answer(response, { name, action }, output) {
    sendXml(response, 200, writeAnswer(name, action.output, output));
  },
  refuse(response, { code, message, status }) {
    sendXml(response, status, writeRefusal(queryCode(code), message, status < 500));
  },
};

function known(name: string): Action {
  const action = ACTIONS.get(name);
  if (action) return action;
  throw new AwsError("InvalidAction", `The laptop cloud's SQS has no action ${name}.`);
}
