import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { CloudError } from "../../shared/errors.ts";
import { asText } from "../../shared/json.ts";
import type { Call, WireRequest } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { textOf, type Delivery } from "../delivery.ts";
import { jsonProtocol, parseObject } from "../protocols/json-protocol.ts";
import { queryProtocol } from "../protocols/query-protocol.ts";
import type { Output, Protocol, Service } from "../service.ts";
import { sqsAccess } from "../sqs/accesses.ts";
import { ACTIONS } from "../sqs/api/actions.ts";
import { queryCode } from "../sqs/api/errors.ts";
import { sqsResources } from "../sqs/resources.ts";
import { EngineQueue } from "./queue.ts";
import type { MessagingEngine } from "./fauxqs.ts";

const JSON_API = jsonProtocol({
  version: "1.0",
  targetPrefix: "AmazonSQS.",
  errorType: (code) => `com.amazonaws.sqs#${code}`,
  actions: ACTIONS,
  queryError: ({ code, message }) => ({ code: queryCode(code), message }),
});
const QUERY_API = queryProtocol({
  actions: ACTIONS,
  namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
  queryError: ({ code, message }) => ({ code: queryCode(code), message }),
  errorDetail: true,
  complete: (form, { path, headers }) => {
    if (path !== "/" && !form.has("QueueUrl")) form.set("QueueUrl", `http://${headers.host ?? "localhost"}${path}`);
  },
});

/** SQS by fauxqs, until ours takes over. */
export class FauxSqs implements Service {
  readonly name = "sqs";
  readonly address = { targets: ["AmazonSQS."], queryVersion: "2012-11-05", paths: /^\/\d{12}\/[\w-]/ };
  readonly bodyLimit = 4 * 1_024 * 1_024;
  readonly takes = "sqs:SendMessage";
  readonly resources: Service["resources"];
  readonly #engine: MessagingEngine;
  readonly #context: CloudContext;
  readonly ofTemplates = new Set<string>();

  constructor(context: CloudContext, engine: MessagingEngine) {
    this.#engine = engine;
    this.#context = context;
    this.resources = sqsResources(engine, this.ofTemplates, context);
  }

  protocol(request: WireRequest): Protocol {
    return request.target === "" ? QUERY_API(request) : JSON_API;
  }

  async handle({ operation, input, request }: Call): Promise<Output> {
    return this.#do(operation, input, request.headers.authorization);
  }

  async #do(operation: string, input: object, authorization: string | undefined): Promise<Record<string, unknown>> {
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `AmazonSQS.${operation}`,
      ...(authorization !== undefined && { authorization }),
    };
    const { status, body } = await this.#engine.inject("POST", "/", headers, JSON.stringify(input));
    this.#context.changes.notify();
    const output = parseObject(body);
    if (status === 200) return output;
    const { __type: type, message } = output;
    if (typeof type === "string") throw new AwsError(type.slice(type.indexOf("#") + 1), asText(message), status);
    throw new AwsError("InternalFailure", `The engine failed at ${operation}: ${asText(message)}`, 500);
  }

  accesses(call: Call) {
    return sqsAccess(call);
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDenied", refusalMessage(refused, { action: refused.action.toLowerCase() }), 403);
  }

  throttled(message: string): AwsError {
    return new AwsError("RequestThrottled", message);
  }

  take(queueArn: string, delivery: Delivery): void {
    const queue = this.#engine.sqs.getQueueByArn(queueArn);
    if (queue === undefined) throw new CloudError(`There is no queue ${queueArn}`);
    this.#engine.send(queue, { ...delivery, body: textOf(delivery), attributes: delivery.attributes ?? {} });
    this.#context.changes.notify();
  }

  queue(arn: string): EngineQueue | undefined {
    const stored = this.#engine.sqs.getQueueByArn(arn);
    return stored && new EngineQueue(stored, this.#engine.sqs, this.#context.changes.notify);
  }
}
