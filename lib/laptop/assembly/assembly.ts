import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CloudError, messageOf } from "../shared/errors.ts";
import { isRecord } from "../shared/json.ts";
import { legacyAssets } from "./legacy-assets.ts";
import { checkLimits } from "./limits.ts";
import { inLocalAccount, section, templateOf, type Template } from "./template.ts";

/** A stack of a cloud assembly, with its template as it stands. */
export interface Stack {
  /** The artifact's id, unique in the assembly. */
  readonly id: string;
  /** The name that it is deployed under. */
  readonly name: string;
  /** Where it stands in the app, as `cdk list` shows it: `Stage/Stack`. */
  readonly path: string;
  /** Ids of the stacks that must be deployed before this one. */
  readonly dependencies: readonly string[];
  readonly template: Template;
  /** Values for the template's parameters that the assembly itself sets. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What `cdk synth` writes: the stacks of an app, and where its assets lie. */
export interface CloudAssembly {
  readonly folder: string;
  readonly stacks: readonly Stack[];
  /** Folder or file of each asset, by the key that templates give it (`<hash>.zip`). */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads a cloud assembly, and the ones nested in it (CDK stages).
 *
 * @param within the folders of the assemblies that a nested one stands in
 * @throws CloudError where the folder holds none, it cannot be read, or it contains itself.
 */
export function readAssembly(folder: string, within: readonly string[] = []): CloudAssembly {
  const manifest = join(folder, "manifest.json");
  if (!existsSync(manifest)) throw new CloudError(`${folder} holds no cloud assembly (no manifest.json). Run cdk synth first.`);
  const place = realpathSync(folder);
  if (within.includes(place)) throw new CloudError(`The cloud assembly in ${folder} contains itself. Run cdk synth again.`);
  const { artifacts } = readJson(manifest);
  const stacks: Stack[] = [];
  const assets = new Map<string, string>();
  const addAssets = (found: Iterable<readonly [key: string, path: string]>) => {
    for (const [key, path] of found) assets.set(key, path);
  };
  for (const [id, artifact] of Object.entries(section(artifacts))) {
    const properties = propertiesOf(artifact);
    switch (artifact["type"]) {
      case "aws:cloudformation:stack": {
        const legacy = legacyAssets(metadataOf(artifact, folder), folder);
        stacks.push(readStack(folder, id, artifact, legacy.parameters));
        addAssets(legacy.assets);
        break;
      }
      case "cdk:asset-manifest":
        addAssets(readAssets(join(folder, text(properties["file"]))));
        break;
      case "cdk:cloud-assembly": {
        const nested = readAssembly(join(folder, text(properties["directoryName"])), [...within, place]);
        stacks.push(...nested.stacks);
        addAssets(nested.assets);
        break;
      }
    }
  }
  return { folder, stacks, assets };
}

/** `parameters` are those for assets, which the assembly's own come on top of. */
function readStack(
  folder: string,
  id: string,
  artifact: Record<string, unknown>,
  parameters: Readonly<Record<string, string>>,
): Stack {
  const properties = propertiesOf(artifact);
  const name = typeof properties["stackName"] === "string" ? properties["stackName"] : id;
  const document = readJson(join(folder, text(properties["templateFile"])));
  checkLimits(document, name);
  const own = isRecord(properties["parameters"]) ? properties["parameters"] : {};
  return {
    id,
    name,
    path: typeof artifact["displayName"] === "string" ? artifact["displayName"] : name,
    dependencies: Array.isArray(artifact["dependencies"]) ? artifact["dependencies"].map(String) : [],
    template: templateOf(inLocalAccount(document, text(artifact["environment"]))),
    parameters: { ...parameters, ...own },
  };
}

function propertiesOf(artifact: Record<string, unknown>): Record<string, unknown> {
  return isRecord(artifact["properties"]) ? artifact["properties"] : {};
}

/** What constructs have left for the CDK: in the manifest, or in a file beside it. */
function metadataOf(artifact: Record<string, unknown>, folder: string): Record<string, unknown> {
  const file = artifact["additionalMetadataFile"];
  const beside = typeof file === "string" && existsSync(join(folder, file)) ? readJson(join(folder, file)) : {};
  return isRecord(artifact["metadata"]) ? { ...artifact["metadata"], ...beside } : beside;
}

/** Asset staging may be off: a path is then outside the assembly, or absolute. */
function readAssets(file: string): [key: string, path: string][] {
  return Object.values(section(readJson(file)["files"])).flatMap(({ source, destinations }) => {
    const path = isRecord(source) && typeof source["path"] === "string" ? resolve(dirname(file), source["path"]) : undefined;
    if (path === undefined) return [];
    return Object.values(section(destinations)).map(({ objectKey }): [string, string] => [text(objectKey), path]);
  });
}

/** @throws CloudError where the file holds no JSON object. */
export function readJson(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isRecord(value)) return value;
  } catch (error) {
    throw new CloudError(`${file} cannot be read: ${messageOf(error)}. Run cdk synth again.`);
  }
  throw new CloudError(`${file} is no JSON object. Run cdk synth again.`);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
