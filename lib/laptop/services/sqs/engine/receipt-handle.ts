/** What a receipt handle stands for: one receive of a message. */
export interface Receipt {
  readonly queue: string;
  readonly messageId: string;
  /** Of the message's receives, the how manieth it was. */
  readonly receive: number;
}

/** A handle says all that it stands for, so that a queue keeps none. */
export function receiptHandle(queue: string, messageId: string, receive: number): string {
  return Buffer.from(`${queue} ${messageId} ${receive}`).toString("base64");
}

/** What a handle stands for; undefined where it is none. */
export function readHandle(handle: string): Receipt | undefined {
  const [, queue, messageId, receive] = /^(\S+) ([\da-f-]{36}) (\d+)$/.exec(Buffer.from(handle, "base64").toString()) ?? [];
  if (queue === undefined || messageId === undefined) return undefined;
  return { queue, messageId, receive: Number(receive) };
}
