import { randomUUID } from "node:crypto";
import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { describeCall } from "./call.ts";
import type { ActiveRule, Chaos } from "./chaos.ts";
import { peekBody } from "../gateway/peek-body.ts";
import { conflicted, throttled } from "./refusals.ts";

/** Marks the copy of a call, which no rule may meet again. */
const COPY_HEADER = "x-fanfare-copy";

/** Lets rules of chaos loose on the calls that come through the gateway. */
export class Interference {
  readonly #chaos: Chaos;
  readonly #endpoint: string;
  readonly #copyMark = randomUUID();

  /** @param endpoint the gateway's address, to which a copy of a call is sent */
  constructor(chaos: Chaos, endpoint: string) {
    this.#chaos = chaos;
    this.#endpoint = endpoint;
  }

  /**
   * Does what the rules ask before a call is answered; its answer may be cut off later.
   *
   * @param api what the gateway takes the call for
   * @throws AwsError where the call is refused
   */
  async meet(request: IncomingMessage, response: ServerResponse, api: string | undefined): Promise<void> {
    if (!this.#chaos.active || request.headers[COPY_HEADER] === this.#copyMark) return;
    const body = await peekBody(request);
    const call = describeCall(request, api, body);
    const rules = this.#chaos.pick(call);
    for (const rule of rules) if (rule.fault === "latency") await this.#holdUp(rule);
    for (const rule of rules) {
      const refusal = rule.fault === "throttle" ? throttled(call) : rule.fault === "conflict" ? conflicted(call) : undefined;
      if (refusal === undefined) continue;
      this.#chaos.fired(rule);
      throw refusal;
    }
    for (const rule of rules) {
      if (rule.fault === "duplicate" && call.api === "sns" && call.operation.startsWith("Publish"))
        await this.#repeat(rule, request, body);
      if (rule.fault === "lost-answer") this.#loseAnswer(rule, response);
    }
  }

  async #holdUp(rule: ActiveRule): Promise<void> {
    this.#chaos.fired(rule);
    await pause(rule.milliseconds);
  }

  /** SNS delivers at least once: here twice, as two messages. What comes of the copy is nobody's concern. */
  async #repeat(rule: ActiveRule, { method, url, headers }: IncomingMessage, body: Buffer): Promise<void> {
    this.#chaos.fired(rule);
    await new Promise<void>((resolve) => {
      const options = { method, path: url, headers: { ...headers, [COPY_HEADER]: this.#copyMark } };
      const copy = httpRequest(this.#endpoint, options, (answer) => answer.resume().once("close", resolve));
      copy.once("error", () => resolve());
      copy.end(body);
    });
  }

  /** The call is done, and the connection is cut where its answer would begin. */
  #loseAnswer(rule: ActiveRule, response: ServerResponse): void {
    this.#chaos.fired(rule);
    const cut = (): ServerResponse => response.destroy();
    response.write = () => !cut().destroyed;
    response.end = cut;
  }
}
