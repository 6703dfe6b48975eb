import { randomUUID } from "node:crypto";
import { AwsError } from "../../shared/aws-error.ts";
import { isRecord } from "../../shared/json.ts";
import { xmlText } from "../../shared/xml.ts";
import { Answer, type Operation, type WireRequest } from "../call.ts";
import type { Protocol } from "../service.ts";
import { type Form, formOf, readForm } from "./read-form.ts";
import { commonFaults, type InputFaults, readInput } from "./read-input.ts";
import type { Action, Shape } from "./shape.ts";
import { element, writeMembers } from "./write-xml.ts";

/** A request that names no action; AWS answers it with this element alone, whatever the request accepts. */
const UNKNOWN_OPERATION = "UnknownOperationException";

/** An API that speaks the Query protocol: a form in, XML out. */
export interface QueryApi {
  /** By the API's names: `Publish`. */
  readonly actions: ReadonlyMap<string, Action>;
  /** Of the answers' XML: `http://sns.amazonaws.com/doc/2010-03-31/`. */
  readonly namespace: string;
  /**
   * Adds parameters that a request has elsewhere than in its form, such as the queue in the path. @default - none
   *
   * @throws AwsError where an action is not to be called in this way
   */
  readonly complete?: (form: Form, request: WireRequest) => void;
  /** How this protocol puts an error. @default - as it is */
  readonly queryError?: (error: AwsError) => QueryError;
  /** Whether an error has an (empty) Detail. @default false */
  readonly errorDetail?: boolean;
  /** @default commonFaults */
  readonly faults?: InputFaults;
}

/** What the Query protocol says of an error. */
export type QueryError = Pick<AwsError, "code" | "message">;

/** The Query protocol of an API; answers are JSON where the request accepts nothing else. */
export function queryProtocol(api: QueryApi): (request: WireRequest) => Protocol {
  const xml = new QueryProtocol(api, xmlAnswers);
  const json = new QueryProtocol(api, jsonAnswers);
  return ({ headers }) => (headers.accept === "application/json" ? json : xml);
}

/** How answers of the Query protocol are written. */
interface Answers {
  succeeded(api: QueryApi, operation: string, output: Readonly<Record<string, unknown>>, requestId: string): string;
  failed(api: QueryApi, error: AwsError, requestId: string): string;
  readonly contentType: string;
}

class QueryProtocol implements Protocol {
  readonly #api: QueryApi;
  readonly #answers: Answers;

  constructor(api: QueryApi, answers: Answers) {
    this.#api = api;
    this.#answers = answers;
  }

  read(request: WireRequest): Operation {
    const { actions, complete, faults = commonFaults } = this.#api;
    const form = formOf(request);
    const operation = form.get("Action");
    if (operation === undefined) throw new AwsError(UNKNOWN_OPERATION, "", 404);
    const action = actions.get(operation);
    if (action === undefined) throw invalidAction(operation);
    complete?.(form, request);
    return { operation, input: readInput(action.input, readForm(action.input, form, faults), faults) };
  }

  answer(operation: string, output: Readonly<Record<string, unknown>>): Answer {
    const requestId = randomUUID();
    return this.#write(200, this.#answers.succeeded(this.#api, operation, output, requestId), requestId);
  }

  refuse(error: AwsError): Answer {
    const requestId = randomUUID();
    if (error.code === UNKNOWN_OPERATION)
      return new Answer(error.status, `<${UNKNOWN_OPERATION}/>`, { "x-amzn-requestid": requestId });
    return this.#write(error.status, this.#answers.failed(this.#api, error, requestId), requestId);
  }

  #write(status: number, body: string, requestId: string): Answer {
    return new Answer(status, body, { "content-type": this.#answers.contentType, "x-amzn-requestid": requestId });
  }
}

/** As AWS refuses an action that an API does not have. */
export function invalidAction(action: string): AwsError {
  return new AwsError("InvalidAction", `The action ${action} is not valid for this endpoint.`);
}

const xmlAnswers: Answers = {
  contentType: "text/xml",
  succeeded({ actions, namespace }, operation, output, requestId) {
    const shape = actions.get(operation)?.output;
    const result = shape === undefined ? "" : element(`${operation}Result`, writeMembers(shape, output));
    const metadata = element("ResponseMetadata", element("RequestId", requestId));
    return `<?xml version="1.0"?><${operation}Response xmlns="${namespace}">${result}${metadata}</${operation}Response>`;
  },
  failed({ namespace, queryError, errorDetail = false }, refused, requestId) {
    const { code, message } = queryError?.(refused) ?? refused;
    const error = [
      element("Type", faultOf(refused.status)),
      element("Code", xmlText(code)),
      element("Message", xmlText(message)),
      errorDetail ? "<Detail/>" : "",
    ];
    const id = element("RequestId", requestId);
    return `<?xml version="1.0"?><ErrorResponse xmlns="${namespace}">${element("Error", error.join(""))}${id}</ErrorResponse>`;
  },
};

const jsonAnswers: Answers = {
  contentType: "application/json",
  succeeded({ actions }, operation, output, requestId) {
    const shape = actions.get(operation)?.output;
    const result = shape && { [`${operation}Result`]: listed(shape, output) };
    return JSON.stringify({ [`${operation}Response`]: { ...result, ResponseMetadata: { RequestId: requestId } } });
  },
  failed({ queryError }, refused, requestId) {
    const { code, message } = queryError?.(refused) ?? refused;
    const error = { Type: faultOf(refused.status), Code: code, Message: message };
    return JSON.stringify({ Error: error, RequestId: requestId });
  },
};

/** Whose fault an error is, as the Query protocol has it. */
export function faultOf(status: number): "Sender" | "Receiver" {
  return status < 500 ? "Sender" : "Receiver";
}

/** A value with its maps as lists of entries, as the JSON of the Query protocol has them: `[{ "Name": …, "Value": … }]`. */
function listed(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "map":
      return Object.entries(isRecord(value) ? value : {}).map(([key, member]) => ({
        [shape.key]: key,
        [shape.value]: listed(shape.of, member),
      }));
    case "list":
      return Array.isArray(value) ? value.map((each: unknown) => listed(shape.of, each)) : [];
    case "structure":
      return Object.fromEntries(
        Object.entries(shape.members).flatMap(([name, member]) =>
          isRecord(value) && value[name] !== undefined ? [[jsonName(name, member), listed(member, value[name])]] : [],
        ),
      );
    case "boolean":
    case "integer":
    case "string":
      return value;
  }
}

function jsonName(name: string, shape: Shape): string {
  return shape.kind === "list" ? (shape.queryJsonName ?? name) : name;
}
