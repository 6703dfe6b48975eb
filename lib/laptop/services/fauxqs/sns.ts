import { randomUUID } from "node:crypto";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { xmlText } from "../../shared/xml.ts";
import { Answer, type Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { textOf, type Delivery } from "../delivery.ts";
import type { Output, Protocol, Service } from "../service.ts";
import { snsAccess } from "../sns/accesses.ts";
import { answerPublish } from "../sns/publish-call.ts";
import { snsResources } from "../sns/resources.ts";
import type { MessagingEngine } from "./fauxqs.ts";

const PROTOCOL: Protocol = {
  read: ({ query, body }) => {
    const input = Object.fromEntries([...new URLSearchParams(query), ...new URLSearchParams(body.toString())]);
    return { operation: input["Action"] ?? "", input };
  },
  answer: () => new Answer(200),
  refuse: ({ code, message, status }) => {
    const error = `<Error><Type>Sender</Type><Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message></Error>`;
    return new Answer(
      status,
      `<?xml version="1.0"?><ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
      {
        "content-type": "text/xml",
      },
    );
  },
};

/** SNS by fauxqs, until ours takes over. */
export class FauxSns implements Service {
  readonly name = "sns";
  readonly address = { queryVersion: "2010-03-31" };
  readonly bodyLimit = 4 * 1_024 * 1_024;
  readonly takes = "sns:Publish";
  readonly resources: Service["resources"];
  readonly ofTemplates = new Set<string>();
  readonly #engine: MessagingEngine;
  readonly #context: CloudContext;

  constructor(context: CloudContext, engine: MessagingEngine) {
    this.#engine = engine;
    this.#context = context;
    this.resources = snsResources(engine, this.ofTemplates, context);
  }

  protocol(): Protocol {
    return PROTOCOL;
  }

  async handle({ input, request }: Call): Promise<Output> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the protocol above made it so
    const form = input as Record<string, string>;
    const published = answerPublish(form, this.#engine.publisher);
    this.#context.changes.notify();
    if (published) return new Answer(published.status, published.body, { "content-type": "text/xml" });
    if (request.method !== "POST") throw new AwsError("MethodNotAllowed", `${request.method} is not allowed here.`, 405);
    const { authorization } = request.headers;
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      ...(authorization !== undefined && { authorization }),
    };
    const { status, body } = await this.#engine.inject("POST", "/", headers, new URLSearchParams(form).toString());
    return new Answer(status, body, { "content-type": "text/xml" });
  }

  mayRepeat({ operation }: Call): boolean {
    return operation.startsWith("Publish");
  }

  accesses(call: Call) {
    return snsAccess(call);
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError(
      "AuthorizationError",
      refusalMessage(refused, { action: refused.action.replace(/^sns:/, "SNS:") }),
      403,
    );
  }

  throttled(message: string): AwsError {
    return new AwsError("Throttling", message);
  }

  take(topicArn: string, delivery: Delivery): void {
    const { publisher } = this.#engine;
    const { subject, attributes = {} } = delivery;
    publisher.publish(publisher.topic(topicArn), {
      body: textOf(delivery),
      attributes,
      ...(subject !== undefined && { subject }),
    });
  }

  start(): void {
    const { sns, sqs } = this.#engine;
    for (const { arn, endpoint, protocol } of sns.subscriptions.values()) {
      const isOurs =
        protocol === "lambda" ? this.#context.iam.callers.isFunction(endpoint) : sqs.getQueueByArn(endpoint) !== undefined;
      if (isOurs && !this.ofTemplates.has(arn)) sns.unsubscribe(arn);
    }
  }
}
