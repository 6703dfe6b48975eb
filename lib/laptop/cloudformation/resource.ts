import { hash } from "node:crypto";
import type { CodeFolders } from "../services/lambda/code/code-folders.ts";
import { CloudError } from "../shared/errors.ts";
import { asText, isRecord } from "../shared/json.ts";
import type { Policies } from "../iam/policies.ts";
import type { MessagingEngine } from "../services/fauxqs/fauxqs.ts";
import type { DynamoDbService } from "../services/dynamodb/dynamodb.ts";
import type { Filters } from "../services/lambda/mappings/filter-criteria.ts";
import type { StreamMappingConfig } from "../services/lambda/mappings/stream-config.ts";
import type { StreamCheckpoints } from "../services/lambda/mappings/stream-checkpoints.ts";
import type { BucketNotification } from "../services/s3/object-notifications.ts";
import type { ParameterStore } from "../services/ssm/ssm.ts";
import type { FunctionConfig } from "../shared/types.ts";

/** Which resource of a template. */
export interface ResourceIdentity {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
}

/** A resource of a template, its expressions resolved. */
export interface Resource extends ResourceIdentity {
  readonly properties: Properties;
}

/** What a resource became. */
export interface Created {
  /** What Ref answers. */
  readonly ref: string;
  /** What Fn::GetAtt answers; undefined for an attribute that there is not. */
  attribute(name: string): unknown;
}

/** Where resources come to be: the engines, and what the templates ask to run. */
export interface Deployment {
  /** The gateway's port. */
  readonly port: number;
  readonly messaging: MessagingEngine;
  readonly dynamodb: DynamoDbService;
  readonly parameters: ParameterStore;
  /** SSM parameters that the user gave; they hold against the templates' own values. */
  readonly givenParameters: Readonly<Record<string, string>>;
  /** Folder or file of each asset, by its object key. */
  readonly assets: ReadonlyMap<string, string>;
  /** Where the code of functions and layers lies. */
  readonly code: CodeFolders;
  /** Folders of the user's projects, where packages are looked for that Lambda would provide. */
  readonly projects: readonly string[];
  /** The folder of each layer, by the ARN of its version. */
  readonly layers: Map<string, string>;
  /** Functions to run, by name. */
  readonly functions: Map<string, PlannedFunction>;
  /** Names of the templates' functions that cannot run here. */
  readonly idleFunctions: Set<string>;
  /** Function URLs, by id. */
  readonly functionUrls: Map<string, PlannedUrl>;
  readonly mappings: PlannedMapping[];
  readonly streamMappings: PlannedStreamMapping[];
  /** How far the mappings of streams have come. */
  readonly checkpoints: StreamCheckpoints;
  /** What buckets tell of their objects, and whom. */
  readonly notifications: BucketNotification[];
  /** The policies of roles and of resources. */
  readonly policies: Policies;
  /** ARNs of the queues and of the subscriptions that the templates have. */
  readonly queues: Set<string>;
  readonly subscriptions: Set<string>;
  /** What the templates have and this cloud does not. */
  readonly missing: MissingResource[];
}

export interface PlannedFunction {
  readonly config: FunctionConfig;
  /** The ARN of the role that it runs as. */
  readonly role: string;
  /** The version that each qualifier stands for: versions for themselves, aliases for theirs. */
  readonly qualifiers: Map<string, string>;
  /** What becomes of asynchronous invocations, by the qualifier that they name; `$LATEST` stands for none. */
  readonly asyncConfigs: Map<string, AsyncConfig>;
  /** Where it can be called by plain HTTP. */
  readonly urls: string[];
  /** The ARN of the queue or topic that takes events which the function has failed on. */
  readonly deadLetterTarget?: string;
}

/** An AWS::Lambda::EventInvokeConfig; what it leaves out has Lambda's default. */
export interface AsyncConfig {
  /** Attempts after the first, 0 to 2. */
  readonly maximumRetries?: number;
  readonly maximumAgeSeconds?: number;
  /** ARNs of a queue, a topic or a function. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

/** A function that is called by plain HTTP. */
export interface PlannedUrl {
  readonly functionName: string;
  readonly qualifier?: string;
  /** Whether callers have to sign (`AWS_IAM`). */
  readonly signed: boolean;
}

/** A queue that a function drains. */
export interface PlannedMapping {
  /** The event source mapping of the template. */
  readonly resource: ResourceIdentity;
  readonly queueArn: string;
  readonly functionName: string;
  /** The version or alias that it invokes; absent: none. */
  readonly qualifier?: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
  /** What a message must match; one that does not is deleted. */
  readonly filters: Filters;
}

/** A table whose changes a function is fed with. */
export interface PlannedStreamMapping extends StreamMappingConfig {
  readonly resource: ResourceIdentity;
  /** The version or alias that is fed; absent: the latest code. */
  readonly qualifier?: string;
  readonly table: string;
  /** Where in the table's stream to begin. */
  readonly iterator: string;
  /** What its progress is kept under. */
  readonly checkpoint: string;
}

/** Part of a template that does not run here. */
export interface MissingResource extends ResourceIdentity {
  /** What will be missing, for a person. */
  readonly consequence: string;
}

/** Brings one resource into being, or what exists of it up to date. */
export type ResourceHandler = (resource: Resource, deployment: Deployment) => Created | Promise<Created>;

/** A resource that Ref and Fn::GetAtt can ask. */
export function created(ref: string, attributes: Readonly<Record<string, unknown>> = {}): Created {
  return { ref, attribute: (name) => attributes[name] };
}

/** The name that a template gives, or one made of stack and logical id, the same on every run. */
export function physicalName({ stack, logicalId, properties }: Resource, property: string, longest: number): string {
  const made = `${stack}-${logicalId}`;
  return properties.optionalText(property) ?? (made.length <= longest ? made : shortened(made, longest));
}

/** The name of a FIFO queue or topic, which ends in `.fifo`. */
export function fifoName(resource: Resource, property: string, longest: number): string {
  const suffix = ".fifo";
  const name = physicalName(resource, property, longest - suffix.length);
  return name.endsWith(suffix) ? name : `${name}${suffix}`;
}

/** The beginning of a name, and a digest that tells it from others with the same beginning. */
function shortened(name: string, longest: number): string {
  const digest = hash("sha256", name).slice(0, 8);
  return `${name.slice(0, longest - digest.length - 1)}-${digest}`;
}

/** Records that a resource, or part of it, does not run here. */
export function reportMissing(deployment: Deployment, { stack, logicalId, type }: ResourceIdentity, consequence: string): void {
  deployment.missing.push({ stack, logicalId, type, consequence });
}

/** A resource's properties, read by the type that each must have. */
export class Properties {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #owner: string;

  /** `owner` names the resource in errors: `Queue in stack orders`. */
  constructor(values: Readonly<Record<string, unknown>>, owner: string) {
    this.#values = values;
    this.#owner = owner;
  }

  /** @throws CloudError where it is missing. */
  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, "a text");
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    return typeof value === "string" || typeof value === "number" ? String(value) : this.#refuse(name, "a text");
  }

  /** Templates write numbers as text at times. */
  number(name: string): number | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const number = Number(value);
    return Number.isFinite(number) ? number : this.#refuse(name, "a number");
  }

  flag(name: string): boolean {
    const value = this.#values[name];
    return value === true || value === "true";
  }

  /** The properties below a name; none where it is missing. */
  group(name: string): Properties {
    const value = this.#values[name] ?? {};
    return new Properties(isRecord(value) ? value : this.#refuse(name, "an object"), `${name} of ${this.#owner}`);
  }

  /** The members of a list, each with its properties. */
  groups(name: string): Properties[] {
    return this.list(name).map((value, index) => {
      const owner = `${name}[${index}] of ${this.#owner}`;
      return new Properties(isRecord(value) ? value : this.#refuse(name, "a list of objects"), owner);
    });
  }

  list(name: string): unknown[] {
    const value = this.#values[name] ?? [];
    return Array.isArray(value) ? value : this.#refuse(name, "a list");
  }

  /** The value as the template has it. */
  raw(name: string): unknown {
    return this.#values[name];
  }

  /** Those of the named properties that are there, as AWS's attribute maps have them: text as it is, all else as JSON. */
  attributes(names: readonly string[]): Record<string, string> {
    const present = names.filter((name) => this.#values[name] !== undefined);
    return Object.fromEntries(present.map((name) => [name, asText(this.#values[name])]));
  }

  #refuse(name: string, expected: string): never {
    throw new CloudError(`${name} of ${this.#owner} is ${JSON.stringify(this.#values[name])}: expected ${expected}.`);
  }
}
