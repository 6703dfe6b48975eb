import { randomUUID } from "node:crypto";
import { AwsError } from "../../../shared/aws-error.ts";
import { textOf } from "../../../shared/json.ts";
import { Answer, type Call } from "../../call.ts";
import { type DeployedFunction, findFunction, type FoundFunction } from "../functions/function-lookup.ts";
import type { PlannedUrl } from "../plan.ts";
import { urlEvent } from "./url-event.ts";
import { httpResponse } from "./url-response.ts";

/** Function URLs: functions called by plain HTTP. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export class FunctionUrls {
  readonly #urls: ReadonlyMap<string, PlannedUrl>;
  readonly #functions: ReadonlyMap<string, DeployedFunction>;

  /** `urls` by id; functions by name. */
  constructor(urls: ReadonlyMap<string, PlannedUrl>, functions: ReadonlyMap<string, DeployedFunction>) {
    this.#urls = urls;
    this.#functions = functions;
  }

  /** The URL that a call is for. */
  find({ input }: Call): PlannedUrl | undefined {
    return this.#urls.get(textOf(input["Id"]) ?? "");
  }

  async handle(call: Call): Promise<Answer> {
    const url = this.find(call);
    const found = url && findFunction(this.#functions, url.functionName, url.qualifier);
    if (!url || !found) return refused(404, null);
    // Only a signature says who calls; whether they may, IAM has decided.
    if (url.signed && !call.request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ")) return refused(403, "Forbidden");
    const { input, request } = call;
    return invoke(found, urlEvent(request, textOf(input["Id"]) ?? "", textOf(input["Target"]) ?? "/"));
  }
}

function refused(status: number, message: string | null): Answer {
  return new Answer(status, JSON.stringify({ Message: message }), { "content-type": "application/json" });
}

async function invoke({ deployed, invokedArn, version }: FoundFunction, event: unknown): Promise<Answer> {
  const requestId = randomUUID();
  const ended = await deployed.sandbox.invoke(event, { requestId, invokedArn, version });
  if (!ended.ok && ended.reason === "throttled") throw new AwsError("TooManyRequestsException", ended.errorMessage, 429);
  const { status, headers, body } = httpResponse(ended.ok ? ended.payload : undefined, ended.ok);
  return new Answer(status, body, { ...headers, "x-amzn-requestid": requestId });
}
