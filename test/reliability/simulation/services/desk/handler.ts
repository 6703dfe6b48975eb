import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as v from "valibot";
import { requests } from "#lib/runtime/index.ts";
import { program } from "../../programs/language.ts";
import { runProgram } from "../weaver/interpret.ts";
import service from "./service.ts";

const call = v.object({ data: program });

/** Milliseconds before the invocation's end at which a request has to be carried out. */
const MARGIN_MILLISECONDS = 1_000;

const { once } = requests(service);

/** Carries out the calls that a queue holds; a caller who gets no answer asks again. */
export async function handler({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MILLISECONDS;
  const answered = await Promise.all(Records.map(({ body }) => carryOut(body, deadline).catch(() => false)));
  return {
    batchItemFailures: Records.filter((_, index) => !answered[index]).map(({ messageId }) => ({ itemIdentifier: messageId })),
  };
}

async function carryOut(body: string, deadline: number): Promise<boolean> {
  const read = () => v.parse(call, JSON.parse(body)).data;
  const { fact } = read();
  const { answer } = await once({ key: fact, input: read(), deadline }, (unit) => runProgram(read(), unit, "a caller"));
  performance.mark("answered", { detail: { run: answer } });
  return true;
}
