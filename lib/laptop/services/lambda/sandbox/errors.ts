import { types } from "node:util";
import type { ReportedError } from "./protocol.ts";

/**
 * Whatever a handler threw, as Lambda's Node.js runtime reports it: an error by its name and message, another value by its
 * type and text, and what cannot be read (`throw null`) as "handled".
 * Source: aws/aws-lambda-nodejs-runtime-interface-client, src/Errors.js, toRapidResponse.
 */
export function reportedError(thrown: unknown): ReportedError {
  try {
    if (isErrorLike(thrown)) return { errorType: String(thrown.name), errorMessage: String(thrown.message) };
    // oxlint-disable-next-line typescript/no-base-to-string -- "[object Object]" is what Lambda answers for a thrown object
    if (thrown !== null && thrown !== undefined) return { errorType: typeof thrown, errorMessage: String(thrown) };
  } catch {
    // A getter of the value threw, or it has no toString: reported like null, as Lambda does.
  }
  const value = thrown === null || thrown === undefined ? String(thrown) : `a value of type ${typeof thrown}`;
  return { errorType: "handled", errorMessage: `the function threw ${value}, which has no name and no message` };
}

/** A thrown value in one line, for a message: `TypeError: x is not a function`. */
export function oneLine(thrown: unknown): string {
  const { errorType, errorMessage } = reportedError(thrown);
  const [first = ""] = errorMessage.split("\n", 1);
  return types.isNativeError(thrown) ? `${errorType}: ${first}` : first;
}

/** The line that Lambda's runtime logs for an error, with its stack: `Invoke Error\t{"errorType":...,"stack":[...]}`. */
export function errorLogLine(title: string, thrown: unknown): string {
  const stack = types.isNativeError(thrown) ? thrown.stack?.split("\n") : [];
  return `${new Date().toISOString()}\tERROR\t${title}\t${JSON.stringify({ ...reportedError(thrown), stack })}\n`;
}

function isErrorLike(thrown: unknown): thrown is { readonly name: unknown; readonly message: unknown } {
  if (types.isNativeError(thrown)) return true;
  if (typeof thrown !== "object" || thrown === null) return false;
  if (!("name" in thrown && "message" in thrown && "stack" in thrown)) return false;
  return [thrown.name, thrown.message, thrown.stack].every((field) => typeof field === "string" && field !== "");
}
