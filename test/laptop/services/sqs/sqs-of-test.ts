import { administrator } from "#lib/laptop/iam/evaluator/principal.ts";
import { Answer, type WireRequest } from "#lib/laptop/services/call.ts";
import { SqsService } from "#lib/laptop/services/sqs/sqs.ts";
import { AwsError } from "#lib/laptop/shared/aws-error.ts";
import { isRecord } from "#lib/laptop/shared/json.ts";
import { cloudContext } from "../../../support/cloud-context.ts";

/** An answer, its XML and headers put aside. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** SQS alone, called as the gateway calls it, and the clock that it goes by. */
export function sqsOfTest() {
  const context = cloudContext("enforce");
  const service = new SqsService(context);

  /** Calls an action in the JSON protocol. */
  async function call(action: string, input: object, signal = new AbortController().signal): Promise<JsonAnswer> {
    const request: WireRequest = {
      method: "POST",
      path: "/",
      query: "",
      headers: {},
      body: Buffer.from(JSON.stringify(input)),
      target: `AmazonSQS.${action}`,
      signedFor: "sqs",
    };
    const protocol = service.protocol(request);
    try {
      const read = protocol.read(request);
      const output = await service.handle({ ...read, service: "sqs", caller: administrator, request, signal });
      return parsed(output instanceof Answer ? output : protocol.answer(action, output));
    } catch (thrown) {
      if (thrown instanceof AwsError) return parsed(protocol.refuse(thrown));
      throw thrown;
    }
  }

  /** What an action answers. @throws Error where it is refused */
  async function answer(action: string, input: object): Promise<Record<string, unknown>> {
    const { status, body } = await call(action, input);
    if (status !== 200) throw new Error(`${action} is refused: ${JSON.stringify(body)}`);
    return body;
  }

  /** Creates a queue by name. @returns its URL */
  async function create(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
    const fifo = QueueName.endsWith(".fifo") && { FifoQueue: "true" };
    await answer("CreateQueue", { QueueName, Attributes: { ...fifo, ...Attributes } });
    return `http://127.0.0.1:4566/000000000000/${QueueName}`;
  }

  return { service, clock: context.clock, iam: context.iam, call, answer, create };
}

function parsed({ status, body }: Answer): JsonAnswer {
  const value: unknown = JSON.parse(String(body));
  return { status, body: isRecord(value) ? value : {} };
}

/** The first message of an answer to ReceiveMessage; undefined where there is none. */
export function firstMessage({ Messages: messages }: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  return isRecord(first) ? first : undefined;
}
