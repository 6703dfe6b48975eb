import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type DeployedFunction, findFunction, type FoundFunction } from "../functions/function-lookup.ts";
import { AwsError } from "../../../shared/aws-error.ts";
import { readBody, sendJson } from "../../../gateway/http.ts";
import type { PlannedUrl } from "../../../cloudformation/resource.ts";
import { httpResponse } from "./url-response.ts";
import { urlEvent } from "./url-event.ts";

/** The largest body, in bytes: that of any synchronous invocation (Lambda quotas). */
const BODY_LIMIT = 6 * 1_024 * 1_024;

/** Below this path of the gateway stand function URLs: `/lambda-url/<function>/`, `/lambda-url/<function>:<alias>/`. */
const URLS_PATH = "/lambda-url/";

/** Whether a call is for a function's URL. */
export function isFunctionUrl(path: string): boolean {
  return path.startsWith(URLS_PATH);
}

/** Refuses a caller who may not do what an action says to a resource. @throws AwsError */
export type RequireAccess = (request: IncomingMessage, action: string, resource: string) => void;

/** Function URLs: functions called by plain HTTP. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export class FunctionUrls {
  readonly #urls: ReadonlyMap<string, PlannedUrl>;
  readonly #functions: ReadonlyMap<string, DeployedFunction>;
  readonly #requireAccess: RequireAccess;

  /** `urls` by what stands behind {@link URLS_PATH}; functions by name. */
  constructor(
    urls: ReadonlyMap<string, PlannedUrl>,
    functions: ReadonlyMap<string, DeployedFunction>,
    requireAccess: RequireAccess,
  ) {
    this.#urls = urls;
    this.#functions = functions;
    this.#requireAccess = requireAccess;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [encodedId = "", ...path] = (request.url ?? "").slice(URLS_PATH.length).split(/(?=[/?])/);
    const id = decodeURIComponent(encodedId);
    const url = this.#urls.get(id);
    const found = url && findFunction(this.#functions, url.functionName, url.qualifier);
    if (!url || !found) return sendJson(response, 404, { Message: null });
    if (url.signed && !this.#admits(request, found)) return sendJson(response, 403, { Message: "Forbidden" });
    const rest = path.join("");
    const event = urlEvent(request, {
      id,
      target: rest.startsWith("/") ? rest : `/${rest}`,
      body: await readBody(request, BODY_LIMIT),
    });
    await answer(response, found, event);
  }

  #admits(request: IncomingMessage, { invokedArn }: FoundFunction): boolean {
    if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ")) return false;
    this.#requireAccess(request, "lambda:InvokeFunctionUrl", invokedArn);
    return true;
  }
}

async function answer(
  response: ServerResponse,
  { deployed, invokedArn, version }: FoundFunction,
  event: unknown,
): Promise<void> {
  const requestId = randomUUID();
  const ended = await deployed.sandbox.invoke(event, { requestId, invokedArn, version });
  if (!ended.ok && ended.reason === "throttled") throw new AwsError("TooManyRequestsException", ended.errorMessage, 429);
  const { status, headers, body } = httpResponse(ended.ok ? ended.payload : undefined, ended.ok);
  response.writeHead(status, { ...headers, "x-amzn-requestid": requestId, "content-length": body.length });
  response.end(body);
}
