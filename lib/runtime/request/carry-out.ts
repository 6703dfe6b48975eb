import { MAXIMUM_ID } from "../../contracts/cloudevents/attributes.ts";
import { formatTraceparent } from "../../contracts/cloudevents/trace-context.ts";
import { type Envelope, schemaUri } from "../../contracts/envelope.ts";
import { FOR_RELAY } from "../../contracts/item-attributes.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import { EffectInProgressError, IdReusedError } from "../errors.ts";
import { AlreadyHandledError } from "../inbox/already-handled.ts";
import { contentOf } from "../inbox/identity.ts";
import { Inbox } from "../inbox/inbox.ts";
import { bounded } from "../lambda/bounded-clients.ts";
import { runUntilCommitted, type RunContext } from "../record/run-until-committed.ts";
import { type HandlingSpan, handlingOf, loggedSpan } from "../telemetry/span.ts";
import type { InboxPlaces } from "../unit/inbox-places.ts";
import type { UnitOfWork } from "../unit/unit-of-work.ts";
import { IdempotencyKeyError, IdempotencyKeyReusedError, RequestInProgressError } from "./errors.ts";
import type { Answered, Request } from "./request.ts";

/** What requests are carried out with. */
export type RequestContext = Omit<RunContext, "handler" | "inbox" | "attempt" | "deadline" | "signal"> & {
  readonly places: InboxPlaces;
};

/** The source and type of the inbox records of requests: no event has them. */
const SOURCE = "urn:fanfare:request";
const TYPE = "request";

/** Time for a request whose caller sets no deadline, in milliseconds. An HTTP API waits for 30 seconds. */
const DEFAULT_MILLISECONDS = 25_000;

/** Carries out a request, unless it was before; see `Requests.once`. */
export async function carryOut<Service extends ServiceDefinition, Answer>(
  given: RequestContext,
  request: Request,
  handler: (unit: UnitOfWork<Service>) => Promise<Answer> | Answer,
): Promise<Answered<Answer>> {
  const { key, input, deadline = Date.now() + DEFAULT_MILLISECONDS } = request;
  if (key === "" || key.length > MAXIMUM_ID) {
    throw new IdempotencyKeyError(`the idempotency key has ${key.length} characters: expected 1 to ${MAXIMUM_ID}`);
  }
  // DynamoDB takes no other text: the request would fail, however often it is repeated.
  if (!key.isWellFormed())
    throw new IdempotencyKeyError("the idempotency key has half a surrogate pair: expected Unicode text");
  const signal = AbortSignal.timeout(Math.max(0, deadline - Date.now()));
  const context = { ...given, clients: { dynamodb: bounded(given.clients.dynamodb, signal) } };
  let answer: string | undefined;
  const identity = { source: SOURCE, id: key, type: TYPE, content: contentOf(input) };
  const inbox = new Inbox(context, identity, (outgoing) => ({
    answer,
    ...(outgoing.length > 0 && { [FOR_RELAY]: true }),
  }));
  const { traceparent = "", correlationid = key } = request;
  const trace = handlingOf(context.service, { id: key, source: SOURCE, traceparent, correlationid });
  const fields = { request: key, trace: loggedSpan(trace) };
  const run: RunContext = {
    ...context,
    inbox,
    attempt: 1,
    deadline,
    signal,
    async handler(_event, unit) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the unit is the same for every service; the type says which entities it takes
      answer = JSON.stringify({ value: await handler(unit as UnitOfWork<Service>) });
    },
  };
  try {
    await Promise.all([context.places.requireKept(context), inbox.requireNew()]);
    const outgoing = await runUntilCommitted(run, () => eventOf(request, trace));
    context.log.info("request done", { outcome: "done", ...fields, emitted: outgoing.length });
    return { answer: valueIn(answer), repeated: false };
  } catch (error) {
    if (error instanceof IdReusedError) throw new IdempotencyKeyReusedError();
    if (error instanceof EffectInProgressError) throw new RequestInProgressError(error);
    if (!(error instanceof AlreadyHandledError)) throw error;
    context.log.info("request repeated", { outcome: "duplicate", ...fields });
    return { answer: valueIn(error.entry.answer), repeated: true };
  }
}

/** The answer in a record. Its type is that of the handler, which has written it. */
function valueIn<Answer>(answer: string | undefined): Answer {
  if (answer === undefined) throw new Error("the inbox record of the request has no answer");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- recorded by the same request's handler
  return (JSON.parse(answer) as { value: Answer }).value;
}

/** The request as the cause of the events that it emits. */
function eventOf({ key, input, correlationid = key }: Request, trace: HandlingSpan): Envelope {
  return {
    specversion: "1.0",
    id: key,
    source: SOURCE,
    type: TYPE,
    subject: key,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    dataschema: schemaUri(TYPE),
    traceparent: formatTraceparent(trace),
    correlationid,
    data: input,
  };
}
