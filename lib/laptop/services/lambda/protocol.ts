import { AwsError } from "../../shared/aws-error.ts";
import type { Operation, WireRequest } from "../call.ts";
import { parseObject } from "../protocols/json-protocol.ts";
import { restJsonProtocol } from "../protocols/rest-json-protocol.ts";

/** Below this path of the gateway stand function URLs: `/lambda-url/<function>/`, `/lambda-url/<function>:<alias>/`. */
export const URLS_PATH = "/lambda-url/";

const FUNCTIONS_PATH = /^\/2015-03-31\/functions\/?(.*)$/;

/** A call of the Lambda API: what it is about stands in the path. */
export const protocol = restJsonProtocol((request) => {
  if (request.path.startsWith(URLS_PATH)) return readUrlCall(request);
  const below = FUNCTIONS_PATH.exec(request.path)?.[1];
  const parts = below === undefined || below === "" ? [] : below.split("/").map(decoded);
  const operation = below === undefined ? undefined : operationOf(request.method, parts);
  // A path with dot segments is read as it stands: no client means a function of that name.
  if (operation === undefined || parts.some((part) => /^\.{0,2}$/.test(part))) throw unknownCall(request);
  const Qualifier = new URLSearchParams(request.query).get("Qualifier") ?? undefined;
  const [FunctionName, , StatementId] = parts;
  if (operation === "AddPermission") return { operation, input: { ...parseObject(request.body), FunctionName, Qualifier } };
  return { operation, input: { FunctionName, Qualifier, ...(StatementId !== undefined && { StatementId }) } };
});

/** The operation of a path behind `/functions`, by its parts: none, a function's name, what of the function, and which of it. */
function operationOf(method: string, [name, part, item, ...rest]: readonly string[]): string | undefined {
  if (rest.length > 0) return undefined;
  if (name === undefined) return method === "GET" ? "ListFunctions" : undefined;
  const path = [method, ...(part === undefined ? [] : [part]), ...(item === undefined ? [] : ["*"])].join(" ");
  return OPERATIONS[path];
}

const OPERATIONS: Readonly<Record<string, string>> = {
  GET: "GetFunction",
  "GET configuration": "GetFunctionConfiguration",
  "GET policy": "GetPolicy",
  "POST policy": "AddPermission",
  "DELETE policy *": "RemovePermission",
  "POST invocations": "Invoke",
};

/** A call of a function's URL: the URL's id, and path and query behind it, which begin with a slash. */
function readUrlCall({ path, query }: WireRequest): Operation {
  const [id = "", ...rest] = path.slice(URLS_PATH.length).split(/(?=\/)/);
  const target = `${rest.join("") || "/"}${query === "" ? "" : `?${query}`}`;
  return { operation: "InvokeFunctionUrl", input: { Id: decoded(id), Target: target } };
}

/** A part that cannot be decoded names nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

function unknownCall({ method, path }: WireRequest): AwsError {
  return new AwsError("UnknownOperationException", `The laptop cloud's Lambda has no ${method} ${path}.`);
}
