import { existsSync, realpathSync } from "node:fs";
import { createRequire, isBuiltin, registerHooks, type ResolveFnOutput, type ResolveHookSync } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { WorkerSettings } from "../protocol.ts";

/** Where the modules of a function may come from. */
export type ModuleSources = Pick<WorkerSettings, "codeDirectory" | "layers" | "projects" | "runtime">;

type Context = Parameters<ResolveHookSync>[1];
type Next = Parameters<ResolveHookSync>[2];

/** What the managed runtimes have by themselves: version 3 of the SDK, and what it is made of. */
const SDK = /^@(aws-sdk|smithy)\//;

/** Version 2, which the runtimes up to nodejs16.x had. */
const FORMER_SDK = "aws-sdk";

/** An import that Lambda would not resolve either, or that this machine lacks. */
class ModuleNotFound extends Error {
  readonly code = "MODULE_NOT_FOUND";
}

/**
 * Lets the function's imports find what they would find in Lambda and no more: its own code, its layers (`/opt`), and the AWS SDK
 * of the runtime. A package or a package.json that happens to lie above the code on this machine is not for the function.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
 *
 * @param sources folders that exist; from now on every module of this thread is found by these rules
 * @returns whether a `.js` file of the function, by its URL, is CommonJS for want of a package.json in its own code
 */
export function limitModules({ codeDirectory, layers, projects, runtime }: ModuleSources): (url: string) => boolean {
  const finder = new ModuleFinder(
    realpathSync(codeDirectory),
    layers.map((layer) => realpathSync(layer)),
    projects,
    runtime,
  );
  registerHooks({
    resolve: (specifier, context, next) => finder.resolve(specifier, context, next),
    load: (url, context, next) => {
      if (!finder.isPlainScript(url)) return next(url, context);
      if (!isImport(context)) return next(url, { ...context, format: "commonjs" });
      return { format: "module", source: importable(url), shortCircuit: true };
    },
  });
  return (url) => finder.isPlainScript(url);
}

class ModuleFinder {
  /** The code, then the layers, the one that goes over the others first. */
  readonly #roots: readonly string[];
  readonly #layers: readonly string[];
  readonly #projects: readonly string[];
  /** Below a layer: the folders that NODE_PATH names. */
  readonly #packageFolders: readonly string[];
  readonly #hasPackageJson = new Map<string, boolean>();

  constructor(code: string, layers: readonly string[], projects: readonly string[], runtime: string) {
    this.#layers = layers.toReversed();
    this.#roots = [code, ...this.#layers];
    this.#projects = projects;
    this.#packageFolders = [join("nodejs", `node${/\d+/.exec(runtime)?.[0] ?? ""}`), "nodejs"];
  }

  resolve(specifier: string, context: Context, next: Next): ResolveFnOutput {
    const { parentURL = "" } = context;
    const parent = parentURL.startsWith("file:") ? fileURLToPath(parentURL) : undefined;
    const root = parent === undefined ? undefined : this.#rootOf(parent);
    if (parent === undefined || root === undefined) return next(specifier, context);
    if (specifier.startsWith("/opt/")) return next(address(this.#inLayers(specifier), context), context);
    if (!isBare(specifier) || hasPackage(dirname(parent), root, packageOf(specifier))) return next(specifier, context);
    return this.#provided(specifier, context, next);
  }

  /** A package.json further up than the code is not meant for it. */
  isPlainScript(url: string): boolean {
    if (!url.startsWith("file:") || !url.endsWith(".js")) return false;
    const file = fileURLToPath(url);
    const root = this.#rootOf(file);
    return root !== undefined && !foldersUp(dirname(file), root).some((folder) => this.#hasManifest(folder));
  }

  #rootOf(file: string): string | undefined {
    return this.#roots.find((root) => isWithin(root, file));
  }

  #hasManifest(folder: string): boolean {
    const known = this.#hasPackageJson.get(folder) ?? existsSync(join(folder, "package.json"));
    this.#hasPackageJson.set(folder, known);
    return known;
  }

  #inLayers(specifier: string): string {
    const path = specifier.slice("/opt/".length);
    // An import may leave out the ending, as require allows.
    const layer = this.#layers.find((it) => ["", ".js", ".json", ".cjs"].some((ending) => existsSync(join(it, path + ending))));
    if (layer === undefined) throw new ModuleNotFound(`Cannot find ${specifier}: no layer of the function has it`);
    return join(layer, path);
  }

  /** A package that is not in the code: in a layer, or given by the runtime. */
  #provided(specifier: string, context: Context, next: Next): ResolveFnOutput {
    const name = packageOf(specifier);
    for (const layer of this.#layers) {
      const folder = this.#packageFolders.find((it) => existsSync(join(layer, it, "node_modules", name)));
      if (folder !== undefined) return resolveFrom(join(layer, folder, "layer.js"), specifier, context, next);
    }
    if (SDK.test(name)) return this.#firstOf([import.meta.filename, ...this.#besides()], specifier, context, next);
    if (name === FORMER_SDK) return this.#firstOf(this.#besides(), specifier, context, next);
    throw new ModuleNotFound(
      `Cannot find package '${name}': neither the function's code nor a layer of it has it, so Lambda would not find it either`,
    );
  }

  /** Files of the user's projects, to resolve from. */
  #besides(): string[] {
    return this.#projects.map((project) => join(project, "package.json"));
  }

  #firstOf(parents: readonly string[], specifier: string, context: Context, next: Next): ResolveFnOutput {
    for (const parent of parents) {
      try {
        return resolveFrom(parent, specifier, context, next);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    const name = packageOf(specifier);
    throw new ModuleNotFound(
      `Cannot find package '${name}': the function's code does not bring it, and it is not installed here. Install it in your project: npm install --save-dev ${name}`,
    );
  }
}

function resolveFrom(parent: string, specifier: string, context: Context, next: Next): ResolveFnOutput {
  // For require(), the hook's chain keeps the parent whatever the context says: what it resolves to has to be found beforehand.
  if (!isImport(context)) return next(createRequire(parent).resolve(specifier), context);
  return next(specifier, { ...context, parentURL: pathToFileURL(parent).href });
}

/** An ES module that hands on what a CommonJS file exports; Node's own way of importing one would heed a package.json further up. */
function importable(url: string): string {
  const loading = `createRequire(${JSON.stringify(url)})(${JSON.stringify(fileURLToPath(url))})`;
  const exported: unknown = createRequire(url)(fileURLToPath(url));
  const names = isObject(exported) ? Object.keys(exported).filter((name) => name !== "default") : [];
  const members = names.map((name, index) => {
    const quoted = JSON.stringify(name);
    return `const v${index} = exported[${quoted}]; export { v${index} as ${quoted} };`;
  });
  return `import { createRequire } from "node:module"; const exported = ${loading}; export default exported; ${members.join(" ")}`;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" || typeof value === "function") && value !== null;
}

/** A file as the kind of resolution that asks wants it: a URL for import, a path for require. */
function address(file: string, context: Context): string {
  return isImport(context) ? pathToFileURL(file).href : file;
}

function isImport({ conditions }: Pick<Context, "conditions">): boolean {
  return conditions.includes("import");
}

function isBare(specifier: string): boolean {
  return !/^([./#]|[a-z]+:)/i.test(specifier) && !isBuiltin(specifier);
}

/** `@scope/name/deep/file` → `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function hasPackage(folder: string, root: string, name: string): boolean {
  return foldersUp(folder, root).some((it) => existsSync(join(it, "node_modules", name)));
}

/** A folder and those above it, up to the root. */
function foldersUp(folder: string, root: string): string[] {
  const folders = [folder];
  while (folders.at(-1) !== root) folders.push(dirname(folders.at(-1)!));
  return folders;
}

function isWithin(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== "" && !path.startsWith("..");
}

function isNotFound(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND";
}
