import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { reportedError } from "#lib/laptop/services/lambda/sandbox/errors.ts";

/** A handler as Lambda's Node.js 24 takes it. */
export type Handler = (event: unknown, context: object) => unknown;

/** A handler that cannot be loaded, with Lambda's name for the reason. */
export class InitError extends Error {
  readonly errorType: string;

  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.errorType = errorType;
  }
}

/**
 * Loads a handler by rules as simple as LocalStack's tests need them, and shares no line with the laptop cloud's own way of doing
 * it: the two are compared.
 *
 * @param handler `index.handler`, `folder/index.handler`
 * @throws InitError
 */
export async function loadHandler(folder: string, handler: string): Promise<Handler> {
  const [module = "", name = ""] = basename(handler).split(".");
  const path = join(folder, dirname(handler), module);
  const file = [".js", ".mjs", ".cjs"].map((ending) => path + ending).find((candidate) => existsSync(candidate));
  if (file === undefined) throw new InitError("Runtime.ImportModuleError", `Error: Cannot find module '${module}'`);
  const found = exportOf(await load(file), name);
  if (found === undefined) {
    throw new InitError("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  }
  return found;
}

async function load(file: string): Promise<unknown> {
  try {
    return (await import(pathToFileURL(file).href)) as unknown;
  } catch (error) {
    throw new InitError(errorTypeOf(error), reportedError(error).errorMessage, { cause: error });
  }
}

function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return "Runtime.Unknown";
  if (error instanceof SyntaxError) return "Runtime.UserCodeSyntaxError";
  const code = "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" ? "Runtime.ImportModuleError" : error.name;
}

/** An export that Node.js did not see in a CommonJS module is on `default`. */
function exportOf(module: unknown, name: string): Handler | undefined {
  if (typeof module !== "object" || module === null) return undefined;
  const found: unknown = Reflect.get(module, name);
  if (isHandler(found)) return found;
  return "default" in module && module.default !== module ? exportOf(module.default, name) : undefined;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}
