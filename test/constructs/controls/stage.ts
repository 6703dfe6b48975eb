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

/** The resource of the same stack that a `Ref` or `Fn::GetAtt` of another one means. */
export function referred(stage: Stage, from: Resource, reference: unknown): Resource | undefined {
  const attribute: unknown = at(reference, "Fn::GetAtt");
  const id: unknown = Array.isArray(attribute) ? attribute[0] : at(reference, "Ref");
  return stage.find((resource) => resource.stack === from.stack && resource.id === id);
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
