import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CloudError, messageOf } from "./errors.ts";
import { isRecord } from "./json.ts";

/** A stack of a cloud assembly, with its template as it stands. */
export interface Stack {
  /** The artifact's id, unique in the assembly. */
  readonly id: string;
  /** The name that it is deployed under. */
  readonly name: string;
  /** Ids of the stacks that must be deployed before this one. */
  readonly dependencies: readonly string[];
  readonly template: Template;
  /** Values for the template's parameters that the assembly itself sets. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A CloudFormation template: its sections, each by logical id. A section that a template lacks is empty. */
export interface Template {
  readonly parameters: Section;
  readonly mappings: Section;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly resources: Section;
  readonly outputs: Section;
}

export type Section = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

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
 * @throws CloudError where the folder holds none, or it cannot be read.
 */
export function readAssembly(folder: string): CloudAssembly {
  const manifest = join(folder, "manifest.json");
  if (!existsSync(manifest)) throw new CloudError(`${folder} holds no cloud assembly (no manifest.json). Run cdk synth first.`);
  const { artifacts } = readJson(manifest);
  const stacks: Stack[] = [];
  const assets = new Map<string, string>();
  for (const [id, artifact] of Object.entries(section(artifacts))) {
    const properties = isRecord(artifact["properties"]) ? artifact["properties"] : {};
    switch (artifact["type"]) {
      case "aws:cloudformation:stack":
        stacks.push(readStack(folder, id, artifact, properties));
        break;
      case "cdk:asset-manifest":
        for (const [key, path] of readAssets(join(folder, text(properties["file"])))) assets.set(key, path);
        break;
      case "cdk:cloud-assembly": {
        const nested = readAssembly(join(folder, text(properties["directoryName"])));
        stacks.push(...nested.stacks);
        for (const [key, path] of nested.assets) assets.set(key, path);
        break;
      }
    }
  }
  return { folder, stacks, assets };
}

function readStack(folder: string, id: string, artifact: Record<string, unknown>, properties: Record<string, unknown>): Stack {
  const file = join(folder, text(properties["templateFile"]));
  const template = readJson(file);
  return {
    id,
    name: typeof properties["stackName"] === "string" ? properties["stackName"] : id,
    dependencies: Array.isArray(artifact["dependencies"]) ? artifact["dependencies"].map(String) : [],
    template: {
      parameters: section(template["Parameters"]),
      mappings: section(template["Mappings"]),
      conditions: isRecord(template["Conditions"]) ? template["Conditions"] : {},
      resources: section(template["Resources"]),
      outputs: section(template["Outputs"]),
    },
    parameters: isRecord(properties["parameters"]) ? properties["parameters"] : {},
  };
}

/** Asset staging may be off: a path is then outside the assembly, or absolute. */
function readAssets(file: string): [key: string, path: string][] {
  return Object.values(section(readJson(file)["files"])).flatMap(({ source, destinations }) => {
    const path = isRecord(source) && typeof source["path"] === "string" ? resolve(dirname(file), source["path"]) : undefined;
    if (path === undefined) return [];
    return Object.values(section(destinations)).map(({ objectKey }): [string, string] => [text(objectKey), path]);
  });
}

function readJson(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isRecord(value)) return value;
  } catch (error) {
    throw new CloudError(`${file} cannot be read: ${messageOf(error)}. Run cdk synth again.`);
  }
  throw new CloudError(`${file} is no JSON object. Run cdk synth again.`);
}

function section(value: unknown): Record<string, Record<string, unknown>> {
  if (!isRecord(value)) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]));
  return Object.fromEntries(entries);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
