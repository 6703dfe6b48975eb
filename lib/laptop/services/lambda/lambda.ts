import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type DeployedFunction, findFunction, type FoundFunction, LATEST } from "./functions/function-lookup.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { readBody, sendJson } from "../../gateway/http.ts";

/** Lambda's largest payloads, in bytes (Lambda quotas). */
const SYNCHRONOUS_LIMIT = 6 * 1_024 * 1_024;
const ASYNCHRONOUS_LIMIT = 1_024 * 1_024;
const FUNCTIONS_PATH = "/2015-03-31/functions";

/** Takes an event for an asynchronous invocation. @returns the request id */
export type AcceptAsync = (found: FoundFunction, event: unknown) => string;

/** Lambda's ListFunctions, GetFunction, GetFunctionConfiguration and Invoke. */
export class LambdaService {
  readonly #functions: ReadonlyMap<string, DeployedFunction>;
  readonly #acceptAsync: AcceptAsync;

  /** `functions` by name; functions may be added later. */
  constructor(functions: ReadonlyMap<string, DeployedFunction>, acceptAsync: AcceptAsync) {
    this.#functions = functions;
    this.#acceptAsync = acceptAsync;
  }

  /** Answers one call of the Lambda API. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://lambda");
    const [encodedName, part, ...rest] = pathname.slice(FUNCTIONS_PATH.length).split("/").slice(1);
    if (!pathname.startsWith(FUNCTIONS_PATH) || rest.length > 0) throw unknownCall(request);
    if (!encodedName && request.method === "GET")
      return sendJson(response, 200, { Functions: [...this.#functions.values()].map((it) => described(it)) });
    const found = this.#existing(decodeURIComponent(encodedName ?? ""), searchParams.get("Qualifier") ?? undefined);
    if (request.method === "POST" && part === "invocations") return this.#invoke(found, request, response);
    if (request.method !== "GET") throw unknownCall(request);
    if (part === "configuration") return sendJson(response, 200, described(found.deployed, found));
    if (part !== undefined) throw unknownCall(request);
    sendJson(response, 200, { Configuration: described(found.deployed, found), Code: { RepositoryType: "Local" } });
  }

  #existing(reference: string, qualifier: string | undefined): FoundFunction {
    const found = findFunction(this.#functions, reference, qualifier);
    if (found) return found;
    const named = qualifier === undefined ? reference : `${reference}:${qualifier}`;
    throw new AwsError("ResourceNotFoundException", `Function not found: ${named}`, 404);
  }

  async #invoke(found: FoundFunction, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { deployed, invokedArn, version } = found;
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    const event = parseEvent(await readBody(request, type === "Event" ? ASYNCHRONOUS_LIMIT : SYNCHRONOUS_LIMIT));
    if (type === "DryRun") return respond(response, 204, "", version);
    if (type === "Event") return respond(response, 202, "", version, this.#acceptAsync(found, event));
    const requestId = randomUUID();
    const ended = await deployed.sandbox.invoke(event, { requestId, invokedArn, version });
    if (ended.ok) return respond(response, 200, JSON.stringify(ended.payload ?? null), version, requestId);
    if (ended.reason === "throttled") throw new AwsError("TooManyRequestsException", ended.errorMessage, 429);
    response.setHeader("x-amz-function-error", "Unhandled");
    const error = { errorType: ended.errorType, errorMessage: ended.errorMessage };
    respond(response, 200, JSON.stringify(error), version, requestId);
  }
}

function parseEvent(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    const event: unknown = JSON.parse(body.toString());
    return event;
  } catch {
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json.");
  }
}

function respond(
  response: ServerResponse,
  status: number,
  payload: string,
  version: string,
  requestId: string = randomUUID(),
): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-requestid": requestId,
    "x-amz-executed-version": version,
    ...(status === 204 ? {} : { "content-length": Buffer.byteLength(payload) }),
  });
  response.end(payload);
}

function described({ config, role }: DeployedFunction, { invokedArn, version }: Partial<FoundFunction> = {}): unknown {
  return {
    FunctionName: config.name,
    FunctionArn: invokedArn ?? config.arn,
    Handler: config.handler,
    Role: role,
    Runtime: config.runtime,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMegabytes,
    Version: version ?? LATEST,
    PackageType: "Zip",
    State: "Active",
    Environment: { Variables: config.environment },
  };
}

function unknownCall({ method, url }: IncomingMessage): AwsError {
  return new AwsError("UnknownOperationException", `The laptop cloud's Lambda has no ${method} ${url}.`);
}
