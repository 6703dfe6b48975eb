import type { Context } from "aws-lambda";
import { bounded } from "../lambda/bounded-clients.ts";
import { loadSqs } from "../lambda/clients.ts";
import { Publications } from "../publish/publications.ts";
import { Turns } from "../turns.ts";
import type { ConsumerContext, InvocationContext } from "../record/consumer-context.ts";

/** Share of the invocation's remaining time that is kept back to report and dead-letter what did not finish. */
const MARGIN_SHARE = 0.1;
const MARGIN_MILLISECONDS = { least: 250, most: 2_000 };

/** Share of that margin that is kept back to return the answer to Lambda. */
const ANSWER_SHARE = 0.2;

/** From this time on, an invocation may end badly, and then has no time to load SQS's client. */
const SLOW_MILLISECONDS = 1_000;

/** Runs the work of one invocation. When the time is up for it, the context's signal aborts; nothing outlasts the invocation. */
export async function withinInvocation<Result>(
  context: ConsumerContext,
  lambda: Pick<Context, "getRemainingTimeInMillis">,
  work: (invocation: InvocationContext) => Promise<Result>,
): Promise<Result> {
  const left = lambda.getRemainingTimeInMillis();
  const margin = Math.min(MARGIN_MILLISECONDS.most, Math.max(MARGIN_MILLISECONDS.least, left * MARGIN_SHARE));
  const [handling, settling] = [new AbortController(), new AbortController()];
  const timers = [
    setTimeout(() => void loadSqs().catch(() => undefined), Math.min(SLOW_MILLISECONDS, left / 2)),
    setTimeout(() => handling.abort(), left - margin),
    setTimeout(() => settling.abort(), left - margin * ANSWER_SHARE),
  ];
  const { dynamodb, sqs } = context.clients;
  const sns = bounded(context.clients.sns, handling.signal);
  try {
    return await work({
      ...context,
      time: { signal: handling.signal, deadline: Date.now() + left - margin },
      clients: {
        dynamodb: bounded(dynamodb, handling.signal),
        sns,
        sqs: bounded(sqs, handling.signal),
      },
      settling: { dynamodb: bounded(dynamodb, settling.signal), sqs: bounded(sqs, settling.signal) },
      turns: new Turns(handling.signal),
      publications: new Publications(sns),
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
