import { hash } from "node:crypto";
import type { Properties } from "./properties.ts";

/** Which resource of a template. */
export interface ResourceIdentity {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
}

/** A resource of a template, its expressions resolved. */
export interface Resource extends ResourceIdentity {
  readonly properties: Properties;
  /** Puts the resource, or part of it, on the list of what does not run here; `consequence` says what a person will miss. */
  report(consequence: string): void;
}

/** What a resource became. */
export interface Created {
  /** What Ref answers. */
  readonly ref: string;
  /** What Fn::GetAtt answers; undefined for an attribute that it does not have. */
  attribute(name: string): unknown;
}

/** Part of a template that does not run here. */
export interface MissingResource extends ResourceIdentity {
  /** What will be missing, for a person. */
  readonly consequence: string;
}

/** Creates one resource, or brings what exists of it up to date. */
export type ResourceHandler = (resource: Resource) => Created | Promise<Created>;

/** A resource that Ref and Fn::GetAtt can ask. */
export function created(ref: string, attributes: Readonly<Record<string, unknown>> = {}): Created {
  return { ref, attribute: (name) => (Object.hasOwn(attributes, name) ? attributes[name] : undefined) };
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
