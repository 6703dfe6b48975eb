import { CloudError } from "../errors.ts";
import { asText, isRecord } from "../json.ts";
import type { MessagingEngine } from "../engines/fauxqs.ts";
import type { DynamoDbService } from "../services/dynamodb.ts";
import type { ParameterStore } from "../services/ssm.ts";
import type { FunctionConfig } from "../types.ts";

/** A resource of a template, its expressions resolved. */
export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
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
  /** Functions to run, by name. */
  readonly functions: Map<string, PlannedFunction>;
  readonly mappings: PlannedMapping[];
  /** The policy documents of each role, by the role's ARN. */
  readonly roles: Map<string, unknown[]>;
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
}

/** A queue that a function drains. */
export interface PlannedMapping {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
}

/** Part of a template that does not run here. */
export interface MissingResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
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
  return properties.optionalText(property) ?? `${stack}-${logicalId}`.slice(-longest).replace(/^-/, "");
}

/** Records that a resource, or part of it, does not run here. */
export function reportMissing(deployment: Deployment, { stack, logicalId, type }: Resource, consequence: string): void {
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
