import { randomUUID } from "node:crypto";
import { AwsError } from "../../shared/aws-error.ts";
import { textOf } from "../../shared/json.ts";
import type { Policies } from "../../iam/policies.ts";
import { Answer, type Call } from "../call.ts";
import type { Output } from "../service.ts";
import { type DeployedFunction, findFunction, type FoundFunction, LATEST } from "./functions/function-lookup.ts";
import { FunctionPermissions } from "./permissions.ts";

/** Lambda's largest payloads, in bytes (Lambda quotas). */
const SYNCHRONOUS_LIMIT = 6 * 1_024 * 1_024;
const ASYNCHRONOUS_LIMIT = 1_024 * 1_024;

/** Takes an event for an asynchronous invocation. @returns the request id */
export type AcceptAsync = (found: FoundFunction, event: unknown) => string;

/** Lambda's ListFunctions, GetFunction, GetFunctionConfiguration, Invoke, and who may do what with a function. */
export class LambdaApi {
  readonly #functions: ReadonlyMap<string, DeployedFunction>;
  readonly #acceptAsync: AcceptAsync;
  readonly #permissions: FunctionPermissions;

  /** `functions` by name; functions may be added later. */
  constructor(functions: ReadonlyMap<string, DeployedFunction>, acceptAsync: AcceptAsync, policies: Policies) {
    this.#functions = functions;
    this.#permissions = new FunctionPermissions(policies);
    this.#acceptAsync = acceptAsync;
  }

  handle(call: Call): Output | Promise<Output> {
    if (call.operation === "ListFunctions") return { Functions: [...this.#functions.values()].map((it) => described(it)) };
    const found = this.#existing(textOf(call.input["FunctionName"]) ?? "", textOf(call.input["Qualifier"]));
    switch (call.operation) {
      case "Invoke":
        return this.#invoke(found, call);
      case "AddPermission":
      case "RemovePermission":
      case "GetPolicy":
        return this.#permissions.handle(call);
      case "GetFunctionConfiguration":
        return described(found.deployed, found);
      default:
        return { Configuration: described(found.deployed, found), Code: { RepositoryType: "Local" } };
    }
  }

  #existing(reference: string, qualifier: string | undefined): FoundFunction {
    const found = findFunction(this.#functions, reference, qualifier);
    if (found) return found;
    const named = qualifier === undefined ? reference : `${reference}:${qualifier}`;
    throw new AwsError("ResourceNotFoundException", `Function not found: ${named}`, 404);
  }

  async #invoke(found: FoundFunction, { request: { headers, body } }: Call): Promise<Answer> {
    const { deployed, invokedArn, version } = found;
    const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
    const limit = type === "Event" ? ASYNCHRONOUS_LIMIT : SYNCHRONOUS_LIMIT;
    if (body.length > limit)
      throw new AwsError(
        "RequestEntityTooLargeException",
        `${body.length} byte payload is too large for the ${String(type)} invocation type (limit ${limit} bytes)`,
        413,
      );
    const event = parseEvent(body);
    if (type === "DryRun") return answer(204, "", version);
    if (type === "Event") return answer(202, "", version, this.#acceptAsync(found, event));
    const requestId = randomUUID();
    const ended = await deployed.sandbox.invoke(event, { requestId, invokedArn, version });
    if (ended.ok) return answer(200, JSON.stringify(ended.payload ?? null), version, requestId);
    if (ended.reason === "throttled") throw new AwsError("TooManyRequestsException", ended.errorMessage, 429);
    const error = JSON.stringify({ errorType: ended.errorType, errorMessage: ended.errorMessage });
    return answer(200, error, version, requestId, { "x-amz-function-error": "Unhandled" });
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

function answer(
  status: number,
  payload: string,
  version: string,
  requestId: string = randomUUID(),
  more: Readonly<Record<string, string>> = {},
): Answer {
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId, "x-amz-executed-version": version };
  return new Answer(status, payload, { ...headers, ...more });
}

function described(
  { config, role }: DeployedFunction,
  { invokedArn, version }: Partial<FoundFunction> = {},
): Readonly<Record<string, unknown>> {
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
