import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { emailSent } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import type { LetterKind } from "#lib/ops/dead-letters/letter.ts";
import type { LetterQueue } from "#lib/ops/dead-letters/queues.ts";

/** A message in the fake. */
interface Stored {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly sentAt: number;
  readonly groupId?: string | undefined;
  /** Set while somebody holds it. */
  handle?: string | undefined;
}

/** How the fake misbehaves: each may throw. */
export interface Faults {
  onReceive?: () => void;
  onSend?: (input: SendMessageCommandInput) => void;
  onDelete?: (messageId: string) => void;
}

/** SQS with one dead-letter queue in it; what is sent elsewhere is noted. Time does not pass: who holds, holds. */
export class FakeDeadLetterQueue implements LetterQueue {
  readonly of: LetterKind;
  readonly name: string;
  readonly url: string;
  readonly held = 0;
  readonly waitSeconds = 1;
  readonly sqs: Pick<SQSClient, "send">;
  /** Calls that change something, in order: `send <body>`, `delete <id>`. */
  readonly calls: string[] = [];
  readonly sent: SendMessageCommandInput[] = [];
  /** The visibility timeouts that messages were received with, in seconds. */
  readonly holds = new Set<number>();
  readonly #messages: Stored[] = [];
  #count = 0;
  #handles = 0;

  constructor(faults: Faults = {}, { of = "handling", name = "shop-dlq" }: { of?: LetterKind; name?: string } = {}) {
    this.of = of;
    this.name = name;
    this.url = `https://sqs.example/1/${name}`;
    const send = async (command: unknown): Promise<unknown> => this.#answer(command, faults);
    this.sqs = { send } as Pick<SQSClient, "send">;
  }

  get waiting(): number {
    return this.#messages.length;
  }

  /** The ids of all messages in the queue. */
  get ids(): string[] {
    return this.#messages.map(({ id }) => id);
  }

  /** The ids of those that nobody holds. */
  get visible(): string[] {
    return this.#messages.filter(({ handle }) => handle === undefined).map(({ id }) => id);
  }

  /** Puts a message into the queue; its attributes are texts. Returns its id. */
  put(
    body: string,
    attributes: Readonly<Record<string, string>> = {},
    more: { sentAt?: number; groupId?: string } = {},
  ): string {
    const id = `letter-${++this.#count}`;
    const typed = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }] as const);
    this.#messages.push({ id, body, attributes: Object.fromEntries(typed), sentAt: more.sentAt ?? 1, groupId: more.groupId });
    return id;
  }

  /** As if the visibility timeout of everything held were over. */
  expire(): void {
    for (const message of this.#messages) message.handle = undefined;
  }

  #answer(command: unknown, faults: Faults): object {
    if (command instanceof ReceiveMessageCommand) {
      faults.onReceive?.();
      this.holds.add(command.input.VisibilityTimeout ?? 0);
      return { Messages: this.#receive(command.input.MaxNumberOfMessages ?? 1) };
    }
    if (command instanceof SendMessageCommand) {
      faults.onSend?.(command.input);
      return this.#send(command.input);
    }
    if (command instanceof DeleteMessageCommand) return this.#delete(command.input.ReceiptHandle, faults);
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      for (const { ReceiptHandle } of command.input.Entries ?? []) this.#release(ReceiptHandle);
      return {};
    }
    if (command instanceof GetQueueAttributesCommand) {
      return { Attributes: { ApproximateNumberOfMessages: String(this.visible.length) } };
    }
    throw new Error("the fake does not know this command");
  }

  #receive(most: number): Message[] {
    const free = this.#messages.filter(({ handle }) => handle === undefined).slice(0, most);
    return free.map((message) => {
      message.handle = `handle ${++this.#handles} of ${message.id}`;
      return {
        MessageId: message.id,
        ReceiptHandle: message.handle,
        Body: message.body,
        MessageAttributes: message.attributes,
        Attributes: {
          SentTimestamp: String(message.sentAt),
          ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
        },
      };
    });
  }

  #send(input: SendMessageCommandInput): object {
    this.calls.push(`send ${input.MessageBody}`);
    this.sent.push(input);
    const own = input.QueueUrl === this.url;
    return { MessageId: own ? this.put(input.MessageBody ?? "", {}, { sentAt: Date.now() }) : `sent-${this.sent.length}` };
  }

  #delete(handle: string | undefined, { onDelete }: Faults): object {
    const at = this.#messages.findIndex((message) => message.handle === handle);
    const message = this.#messages[at];
    if (!message) throw new Error("the receipt handle is not valid");
    onDelete?.(message.id);
    this.calls.push(`delete ${message.id}`);
    this.#messages.splice(at, 1);
    return {};
  }

  #release(handle: string | undefined): void {
    const message = this.#messages.find((one) => one.handle === handle);
    if (message) message.handle = undefined;
  }
}

/** The queue of the service whose letters these are. */
export const shopQueue = { name: "shop", url: "https://sqs.example/1/shop" };

/** An event as it lies in a queue. */
export function emailBody(id: string, data: unknown = emailSent.example): string {
  return JSON.stringify({ ...createEnvelope(emailSent, emailSent.example, { source: "test", id }), data });
}

/** What the runtime says about a record that it gives up. */
export const reason = {
  errorName: "HandlerTimeoutError",
  errorMessage: "the handler did not finish\nbefore the deadline",
  errorStack: "HandlerTimeoutError: the handler did not finish\n  at handler.ts:1",
  attempts: "10",
  firstReceivedAt: "2026-11-20T10:00:00.000Z",
  deadAt: "2026-11-20T11:00:00.000Z",
  consumer: "shop",
  consumerVersion: "0123456789ab",
  originalMessageId: "first",
};

/** A signal that never aborts. */
export const never = new AbortController().signal;
