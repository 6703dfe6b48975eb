import type { MessageAttributes } from "../delivery.ts";
import type { MessageState } from "./engine/messages/message.ts";
import type { Queue } from "./engine/queue.ts";
import type { QueueCounts } from "./engine/messages/queue-messages.ts";

/** A message as it lies in a queue: looking does not receive it. */
export interface HeldMessage {
  readonly messageId: string;
  readonly body: string;
  readonly state: MessageState;
  /** How often it has been received. */
  readonly receiveCount: number;
  /** When it was sent, in epoch milliseconds. */
  readonly sentAt: number;
  readonly messageAttributes: MessageAttributes;
}

/** A queue at one moment, as nobody's receive shows it. */
export interface InspectedQueue {
  readonly counts: QueueCounts;
  /** The ready ones first, then those in flight, then those delayed; in the order in which they came. */
  readonly messages: readonly HeldMessage[];
}

export function inspect(queue: Queue): InspectedQueue {
  const held = [...queue.messages()].map(({ id, body, state, receiveCount, sentAt, attributes }): HeldMessage => ({
    messageId: id,
    body,
    state,
    receiveCount,
    sentAt,
    messageAttributes: attributes,
  }));
  const inState = (state: MessageState) => held.filter((message) => message.state === state);
  return { counts: queue.counts, messages: [...inState("ready"), ...inState("in flight"), ...inState("delayed")] };
}
