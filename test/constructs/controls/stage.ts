import { at, objects, type Properties } from "../fixture.ts";

/** A resource of a template. */
export interface Resource {
  /** Its stack's name. */
  readonly stack: string;
  /** Its logical id. */
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
}

/** The resources of all stacks of one stage. */
export type Stage = Resource[];

/** The resources of a stack's template. */
export function resourcesOf(stack: string, template: unknown): Resource[] {
  const [resources = {}] = objects([at(template, "Resources")]);
  return Object.entries(resources).map(([id, resource]) => ({
    stack,
    id,
    type: String(at(resource, "Type")),
    properties: objects([at(resource, "Properties")])[0] ?? {},
  }));
}

/** Where a resource is to be found: `fanfare-dev-orders/ServiceQueue3ECC4DDD`. */
export function placeOf({ stack, id }: Resource): string {
  return `${stack}/${id}`;
}

/** The resources of some types. */
export function ofType(stage: Stage, ...types: string[]): Resource[] {
  return stage.filter(({ type }) => types.includes(type));
}

/** The first resource of a type that is as asked for, to be changed. @throws Error where there is none. */
export function first(stage: Stage, type: string, suits: (resource: Resource) => boolean = () => true): Resource {
  const found = ofType(stage, type).find(suits);
  if (!found) throw new Error(`no ${type} suits: a breach needs a stage that has one`);
  return found;
}

/** The properties by which resources of other stacks are named. */
const NAMES = ["QueueName", "LogGroupName"];

/** The resource that another one means: by a `Ref` or `Fn::GetAtt` in its own stack, by its name or the end of its ARN in any. */
export function referred(stage: Stage, from: Resource, reference: unknown): Resource | undefined {
  const attribute: unknown = at(reference, "Fn::GetAtt");
  const id: unknown = Array.isArray(attribute) ? attribute[0] : at(reference, "Ref");
  const name = nameIn(reference);
  return stage.find((resource) =>
    name === undefined
      ? resource.stack === from.stack && resource.id === id
      : NAMES.some((property) => resource.properties[property] === name),
  );
}

function nameIn(reference: unknown): string | undefined {
  if (typeof reference === "string") return reference;
  const join: unknown = at(reference, "Fn::Join");
  const last: unknown = Array.isArray(join) && Array.isArray(join[1]) ? join[1].at(-1) : undefined;
  return typeof last === "string" ? last.slice(last.lastIndexOf(":") + 1) : undefined;
}

/** The statements of every policy document of a resource, wherever in its properties. */
export function statementsOf({ properties }: Resource): Properties[] {
  return statementsIn(properties);
}

function statementsIn(value: unknown): Properties[] {
  if (Array.isArray(value)) return value.flatMap(statementsIn);
  return objects([value]).flatMap((object) =>
    "Statement" in object ? objects([object["Statement"]].flat()) : Object.values(object).flatMap(statementsIn),
  );
}

/** One value or a list of them, as texts: `*`, `sqs:*`, or an intrinsic function in JSON. */
export function texts(value: unknown): string[] {
  if (value === undefined) return [];
  return [value].flat().map((one: unknown) => (typeof one === "string" ? one : JSON.stringify(one)));
}

/** Whether a statement is about everybody, in either way of writing it. */
export function isForEverybody({ Principal: principal }: Properties): boolean {
  return principal === "*" || texts(at(principal, "AWS")).includes("*");
}
