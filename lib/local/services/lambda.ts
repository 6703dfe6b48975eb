import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError, readBody, sendJson } from "../http.ts";
import type { FunctionConfig, InvocationResult } from "../types.ts";

/** Lambda's largest synchronous payload is 6 MB (Lambda quotas). */
const BODY_LIMIT = 6 * 1_024 * 1_024;
const FUNCTIONS_PATH = "/2015-03-31/functions";

/** What runs a function's code. */
export interface Invocable {
  invoke(event: unknown): Promise<InvocationResult>;
}

/** A function that the cloud runs. */
export interface DeployedFunction<Sandbox extends Invocable = Invocable> {
  readonly config: FunctionConfig;
  /** The ARN of the role that it runs as. */
  readonly role: string;
  readonly sandbox: Sandbox;
}

/** Lambda's ListFunctions, GetFunction, GetFunctionConfiguration and Invoke. */
export class LambdaService {
  readonly #functions: ReadonlyMap<string, DeployedFunction>;

  /** `functions` by name; functions may be added later. */
  constructor(functions: ReadonlyMap<string, DeployedFunction>) {
    this.#functions = functions;
  }

  /** Answers one call of the Lambda API. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const [encodedName, part, ...rest] = path.slice(FUNCTIONS_PATH.length).split("/").slice(1);
    if (!path.startsWith(FUNCTIONS_PATH) || rest.length > 0) throw unknownCall(request);
    if (!encodedName && request.method === "GET")
      return sendJson(response, 200, { Functions: [...this.#functions.values()].map(described) });
    const deployed = this.#existing(decodeURIComponent(encodedName ?? ""));
    if (request.method === "POST" && part === "invocations") return this.#invoke(deployed, request, response);
    if (request.method !== "GET") throw unknownCall(request);
    if (part === "configuration") return sendJson(response, 200, described(deployed));
    if (part !== undefined) throw unknownCall(request);
    sendJson(response, 200, { Configuration: described(deployed), Code: { RepositoryType: "Local" } });
  }

  /** By name, by `name:qualifier`, or by ARN. */
  #existing(name: string): DeployedFunction {
    const parts = name.split(":");
    const plain = (name.startsWith("arn:") ? parts[6] : parts[0]) ?? "";
    const deployed = this.#functions.get(plain);
    if (!deployed) throw new AwsError("ResourceNotFoundException", `Function not found: ${plain}`, 404);
    return deployed;
  }

  async #invoke({ sandbox }: DeployedFunction, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const event = parseEvent(await readBody(request, BODY_LIMIT));
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (type === "DryRun") return respond(response, 204, "");
    const result = sandbox.invoke(event);
    if (type === "Event") {
      // Its outcome goes to the activity log alone, as nobody waits for it.
      result.catch(() => {});
      return respond(response, 202, "");
    }
    const ended = await result;
    if (ended.ok) return respond(response, 200, JSON.stringify(ended.payload ?? null));
    if (ended.reason === "throttled") throw new AwsError("TooManyRequestsException", ended.errorMessage, 429);
    response.setHeader("x-amz-function-error", "Unhandled");
    respond(response, 200, JSON.stringify({ errorType: ended.errorType, errorMessage: ended.errorMessage }));
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

function respond(response: ServerResponse, status: number, payload: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-requestid": randomUUID(),
    "x-amz-executed-version": "$LATEST",
    ...(status === 204 ? {} : { "content-length": Buffer.byteLength(payload) }),
  });
  response.end(payload);
}

function described({ config, role }: DeployedFunction): unknown {
  return {
    FunctionName: config.name,
    FunctionArn: config.arn,
    Handler: config.handler,
    Role: role,
    Runtime: "nodejs24.x",
    Timeout: config.timeoutSeconds,
    MemorySize: config.memoryMegabytes,
    Version: "$LATEST",
    PackageType: "Zip",
    State: "Active",
    Environment: { Variables: config.environment },
  };
}

function unknownCall({ method, url }: IncomingMessage): AwsError {
  return new AwsError("UnknownOperationException", `The laptop cloud's Lambda has no ${method} ${url}.`);
}
