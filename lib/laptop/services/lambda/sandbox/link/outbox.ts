import type { MessagePort } from "node:worker_threads";

/**
 * Posts messages together that are made in one turn of the event loop: waking the other thread costs more than a message does, and a
 * function that handles a batch makes its calls in bursts.
 */
export class Outbox<Message> {
  readonly #port: MessagePort;
  #messages: Message[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  post(message: Message): void {
    if (this.#messages.push(message) > 1) return;
    setImmediate(() => {
      const messages = this.#messages;
      this.#messages = [];
      this.#port.postMessage(messages);
    });
  }
}
