import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build, type BuildFailure, type BuildOptions, type OutputFile, type Plugin } from "esbuild";
import * as v from "valibot";
import { importedLater, LATER, laterFile } from "./later.ts";

/** A service's function as it is deployed. */
export interface Bundle {
  /** Absolute path of the folder that becomes the function's code: `index.mjs`, its source map, and what it imports later. */
  readonly directory: string;
  /** SHA-256 of the code without its source map, in hexadecimal: equal code, equal hash, on every machine. */
  readonly hash: string;
}

/** A handler that cannot be bundled. The message is one line: file, position, and what is wrong. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/** The folder of a project's bundles, below its root. */
const BUNDLES = join(".fanfare", "bundles");

/** The folder of the relay's bundle, below a project's root; all services that take requests deploy the same. */
const RELAY = join(".fanfare", "relay");

/** The file of the handler. */
const INDEX = "index.mjs";

/** CommonJS packages inside an ES module bundle call `require` for Node's own modules. */
const REQUIRE = `import { createRequire } from "node:module";const require = createRequire(import.meta.url);`;

/** Modules that replace packages in a bundle. Each says why. */
const STAND_INS = {
  "@aws-sdk/credential-provider-node": join(import.meta.dirname, "../../runtime/lambda/role-credentials.ts"),
};

/** Of its package.json a client of the SDK needs the version alone, for the user agent; esbuild would take in all of it. */
const clientVersions: Plugin = {
  name: "client-versions",
  setup(build) {
    build.onLoad({ filter: /client-[a-z0-9-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = v.parse(v.object({ version: v.string() }), JSON.parse(await readFile(path, "utf8")));
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
};

/**
 * esbuild's options for all services at once: `functions/<name>/handler.ts` becomes `.fanfare/bundles/<name>/index.mjs`.
 * The AWS SDK is bundled: it starts faster than the copy in Lambda's runtime, and we choose its version. To rebuild while
 * files change, pass these options to esbuild's `context`, and its output to {@link writeBundles}.
 *
 * @param names the services' folders in `functions/`
 * @param root the project's root, which holds `functions/`
 */
export function bundleOptions(names: readonly string[], root: string) {
  return {
    absWorkingDir: root,
    entryPoints: entries(names.map((name) => [`${name}/index`, handlerFile(name)])),
    outdir: BUNDLES,
    outExtension: { ".js": ".mjs" },
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    // Beside the code and read when an error is shown: see `sourceStack`. A user's repository has the sources themselves.
    sourcemap: "linked",
    sourcesContent: false,
    treeShaking: true,
    // Definitions were checked when this app was synthesized: see `defineEvent`.
    dropLabels: ["DEFINITION_CHECKS"],
    legalComments: "none",
    alias: STAND_INS,
    plugins: [clientVersions, importedLater],
    banner: { js: REQUIRE },
    logLevel: "silent",
  } satisfies BuildOptions;
}

/**
 * Bundles the functions of all services in one esbuild call.
 *
 * @param names the services' folders in `functions/`
 * @param root the project's root, which holds `functions/`
 * @returns the bundles, in the order of the names
 * @throws BundleError when a handler is missing or does not build.
 */
export async function bundleFunctions(names: readonly string[], root: string): Promise<Bundle[]> {
  const missing = names.find((name) => !existsSync(join(root, handlerFile(name))));
  if (missing !== undefined) {
    throw new BundleError(`${handlerFile(missing)}: not found; a service has a handler.ts that exports \`handler\``);
  }
  try {
    const { outputFiles } = await build(bundleOptions(names, root));
    const bundles = await writeBundles(outputFiles);
    return names.flatMap((name) => bundles.filter(({ directory }) => basename(directory) === name));
  } catch (error) {
    throw isBuildFailure(error) ? new BundleError(describeBuildFailure(error)) : error;
  }
}

/** esbuild's options for the relay, like those for services. @param root the project's root */
export function relayOptions(root: string) {
  const index = join(import.meta.dirname, "../../runtime/relay/handler.ts");
  return { ...bundleOptions([], root), entryPoints: entries([["index", index]]), outdir: RELAY };
}

/** Bundles the relay of services that take requests; see `RelayFunction`. @param root the project's root */
export async function bundleRelay(root: string): Promise<Bundle> {
  const { outputFiles } = await build(relayOptions(root));
  const [bundle] = await writeBundles(outputFiles);
  return bundle!;
}

/**
 * Writes what one call of esbuild built, the handler's code last. An unchanged file is left alone, since running functions may be watching
 * it; any other is replaced atomically.
 *
 * @returns the bundles, in the order of the files
 */
export async function writeBundles(files: readonly OutputFile[]): Promise<Bundle[]> {
  return Promise.all(files.filter(({ path }) => basename(path) === INDEX).map((index) => writeBundle(index, files)));
}

async function writeBundle(index: OutputFile, files: readonly OutputFile[]): Promise<Bundle> {
  const directory = dirname(index.path);
  const code = Buffer.from(index.contents);
  const needed = Object.keys(LATER)
    .map(laterFile)
    .filter((name) => code.includes(`"${name}"`))
    .flatMap((name) => files.filter(({ path }) => basename(path) === basename(name)))
    .map(({ path, contents }) => ({ path: join(directory, basename(path)), contents: withoutMap(contents) }));
  await Promise.all([...needed, ...files.filter(({ path }) => path === `${index.path}.map`)].map(write));
  await write(index);
  const hash = createHash("sha256");
  for (const { contents } of [index, ...needed]) hash.update(contents);
  return { directory, hash: hash.digest("hex") };
}

/** The SDK's own code is no line of the service's. */
function withoutMap(contents: Uint8Array): Buffer {
  const code = Buffer.from(contents);
  return code.subarray(0, code.lastIndexOf("//# sourceMappingURL="));
}

async function write({ path, contents }: Pick<OutputFile, "path" | "contents">): Promise<void> {
  const written = await readFile(path).catch(() => undefined);
  if (written?.equals(contents)) return;
  const directory = dirname(path);
  // Next to the folder and not in it: the folder is what is deployed.
  const whole = `${directory}.${basename(path)}.${process.pid}.tmp`;
  await mkdir(directory, { recursive: true });
  await writeFile(whole, contents);
  await rename(whole, path);
}

/** The first error of a failed build on one line, and the number of further ones: `functions/orders/handler.ts:3:21: ...`. */
export function describeBuildFailure(failure: BuildFailure): string {
  const [first] = failure.errors;
  if (!first) return failure.message;
  const place = first.location ? `${first.location.file}:${first.location.line}:${first.location.column + 1}: ` : "";
  const more = failure.errors.length - 1;
  return `${place}${first.text}${more > 0 ? ` (and ${more} more)` : ""}`;
}

/** Entry points: handlers by their outputs, and what they may import later, which is the same for all. */
function entries(handlers: readonly [output: string, file: string][]): Record<string, string> {
  return { ...LATER, ...Object.fromEntries(handlers) };
}

function handlerFile(name: string): string {
  return `functions/${name}/handler.ts`;
}

export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
