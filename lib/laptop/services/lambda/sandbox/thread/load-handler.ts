import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import { takesCallbacks } from "./callback.ts";
import type { Handler } from "./handler.ts";
import { oneLine, reportedError } from "../errors.ts";
import { limitModules } from "./modules.ts";
import type { ReportedError, WorkerSettings } from "../protocol.ts";

/** The bundle could not be loaded or has no such handler; the message is one line for the function's author. */
export class InitError extends Error implements ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;

  constructor(errorType: string, errorMessage: string) {
    super(errorMessage);
    this.name = "InitError";
    this.errorType = errorType;
    this.errorMessage = errorMessage;
  }
}

/** In the order in which Lambda's runtime looks for them. */
const ENDINGS = [".js", ".mjs", ".cjs"];

/** Where a handler is, and what its modules may come from. */
export type HandlerSource = Pick<WorkerSettings, "codeDirectory" | "handler" | "layers" | "projects" | "runtime">;

/**
 * Imports the bundle and finds its handler: `index.handler`, `folder/index.handler`, `index.nested.handler`. From then on the
 * thread finds modules as {@link limitModules} says.
 *
 * @throws InitError with Lambda's error type
 */
export async function loadHandler(source: HandlerSource): Promise<Handler> {
  const { codeDirectory, handler, runtime } = source;
  const name = basename(handler);
  const dot = name.indexOf(".");
  if (dot < 1 || dot === name.length - 1) {
    throw new InitError("Runtime.MalformedHandlerName", `handler "${handler}": expected <file>.<export>, like index.handler`);
  }
  const file = findBundle(codeDirectory, join(dirname(handler), name.slice(0, dot)));
  const bundle = await importBundle(file, source);
  const found = follow(bundle, name.slice(dot + 1));
  if (!isHandler(found)) {
    const what = found === undefined ? "is undefined or not exported" : `is a ${typeof found}, expected a function`;
    throw new InitError("Runtime.HandlerNotFound", `handler "${handler}" ${what} in ${file}`);
  }
  if (found.length > 2 && !takesCallbacks(runtime)) {
    throw new InitError(
      "Runtime.CallbackHandlerDeprecated",
      `handler "${handler}" takes a callback, which Node.js 24 in Lambda does not support: make it async and return the result`,
    );
  }
  return found;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

function findBundle(codeDirectory: string, module: string): string {
  const file = ENDINGS.map((ending) => join(codeDirectory, module + ending)).find((candidate) => existsSync(candidate));
  if (file === undefined) {
    const names = ENDINGS.map((ending) => module + ending).join(", ");
    throw new InitError("Runtime.ImportModuleError", `none of ${names} is in ${codeDirectory}: bundle the function again`);
  }
  return file;
}

async function importBundle(file: string, source: HandlerSource): Promise<unknown> {
  const isPlainScript = limitModules(source);
  const { href } = pathToFileURL(realpathSync(file));
  try {
    // By require, for import() would not see exports that are computed.
    return isPlainScript(href) ? (createRequire(href)(file) as unknown) : ((await import(href)) as unknown);
  } catch (error) {
    throw new InitError(initErrorType(error), `cannot load ${file}: ${oneLine(error)}`);
  }
}

/** Lambda's names for what can go wrong; an error thrown by the bundle's own top-level code keeps its own. */
function initErrorType(error: unknown): string {
  if (!types.isNativeError(error)) return reportedError(error).errorType;
  if (error.name === "SyntaxError") return "Runtime.UserCodeSyntaxError";
  const code = "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" ? "Runtime.ImportModuleError" : error.name;
}

/** Follows `a.b` through a module's exports; an unnamed CommonJS export is found on `default`. */
function follow(bundle: unknown, path: string): unknown {
  return walk(bundle, path) ?? walk(walk(bundle, "default"), path);
}

function walk(from: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
    return Reflect.get(value, key) as unknown;
  }, from);
}
