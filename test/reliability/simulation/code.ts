import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { build, type Plugin } from "esbuild";
import { FOLDERS } from "./account.ts";
import { PROGRAM_FOLDERS } from "./programs/account.ts";
import type { FunctionHandler } from "./cloud/environment.ts";
import { GLOBAL_NAMES, globals } from "./cloud/globals.ts";
import { requireModule } from "./cloud/sdk.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A planted bug: a piece of a source file, and what stands in its place. */
export interface Mutation {
  /** The file, from the project's root. */
  readonly file: string;
  /** What is replaced; it stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** The services of a bundle, by their folders; each is loaded, with the environment variables of that moment, when it is called. */
type Services = Readonly<Record<string, () => { readonly handler: FunctionHandler }>>;

/**
 * Bundles all services in the way they are deployed, except that the AWS SDK stays outside: the simulation gives each
 * environment clients of its own.
 *
 * @param mutations bugs to plant
 * @returns the bundle's text
 * @throws Error when what a mutation replaces does not stand in its file exactly once.
 */
export async function bundleServices(mutations: readonly Mutation[] = []): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: {
      contents: [...FOLDERS, ...PROGRAM_FOLDERS]
        .map((folder) => `exports["${folder}"] = () => require("./${folder}/handler.ts");`)
        .join("\n"),
      resolveDir: ROOT,
    },
    write: false,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    external: ["@aws-sdk/*"],
    legalComments: "none",
    logLevel: "silent",
    plugins: [planted(sourcesOf(mutations))],
  });
  return outputFiles[0]?.text ?? "";
}

/** The code of all services, compiled once. */
export class Code {
  /** One function for all evaluations: what V8 has learnt of the code, and compiled, then holds for each of them. */
  readonly #run: (...given: unknown[]) => void;
  readonly #shared = new WeakMap<object, (folder: string) => FunctionHandler>();

  constructor(bundle: string) {
    const text = `(function (require, module, exports, ${GLOBAL_NAMES.join(", ")}) {${bundle}\n})`;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function that the text is
    this.#run = runInThisContext(text) as (...given: unknown[]) => void;
  }

  /** A service's handler with memory of its own, as every environment has it. */
  loadAlone(folder: string): FunctionHandler {
    return serviceOf(this.#evaluate(), folder)().handler;
  }

  /** A service's handler, loaded once for all environments of a world, which share what it remembers: faster by far. */
  loadShared(folder: string, world: object): FunctionHandler {
    let load = this.#shared.get(world);
    if (!load) this.#shared.set(world, (load = this.#loader()));
    return load(folder);
  }

  #loader(): (folder: string) => FunctionHandler {
    const services = this.#evaluate();
    const handlers = new Map<string, FunctionHandler>();
    return (folder) => {
      let handler = handlers.get(folder);
      if (!handler) handlers.set(folder, (handler = serviceOf(services, folder)().handler));
      return handler;
    };
  }

  #evaluate(): Services {
    const module = { exports: {} };
    this.#run(requireModule, module, module.exports, ...GLOBAL_NAMES.map((name) => globals[name]));
    return module.exports;
  }
}

/** The code of all services, with bugs planted or without. */
export async function loadCode(mutations: readonly Mutation[] = []): Promise<Code> {
  return new Code(await bundleServices(mutations));
}

function serviceOf(services: Services, folder: string): Services[string] {
  const service = services[folder];
  if (!service) throw new Error(`${folder} is not bundled`);
  return service;
}

/**
 * The sources with their bugs, by the file.
 *
 * @throws Error when what a mutation replaces does not stand in its file exactly once.
 */
export function sourcesOf(mutations: readonly Mutation[]): Map<string, string> {
  const sources = new Map<string, string>();
  for (const mutation of mutations) {
    const source = sources.get(mutation.file) ?? readFileSync(join(ROOT, mutation.file), "utf8");
    sources.set(mutation.file, plant(source, mutation));
  }
  return sources;
}

function planted(sources: ReadonlyMap<string, string>): Plugin {
  return {
    name: "planted-bugs",
    setup(building) {
      for (const [file, contents] of sources) {
        building.onLoad({ filter: new RegExp(`${RegExp.escape(file)}$`) }, () => ({ contents, loader: "ts" }));
      }
    },
  };
}

function plant(source: string, { file, find, replace }: Mutation): string {
  const places = source.split(find).length - 1;
  if (places !== 1) {
    throw new Error(
      `${file}: a planted bug replaces "${find}", which stands there ${places} times: expected once; adapt the bug`,
    );
  }
  return source.replace(find, () => replace);
}
