import { cdkCustomResources, customResource } from "./cdk-custom-resources.ts";
import type { ResourceHandler } from "./resource.ts";
import { silentResources, unservedResource } from "./unserved.ts";

/** What creates resources, by their CloudFormation types. */
export class ResourceHandlers {
  readonly #handlers: ReadonlyMap<string, ResourceHandler>;

  /** `served` are those of the services. */
  constructor(served: readonly Readonly<Record<string, ResourceHandler>>[]) {
    this.#handlers = new Map([cdkCustomResources, silentResources, ...served].flatMap((handlers) => Object.entries(handlers)));
  }

  readonly isKnown = (type: string): boolean => this.#handlers.has(type);

  /** What creates resources of a type; for one that nobody knows, what puts it on the list of the missing. */
  for(type: string): ResourceHandler {
    return this.#handlers.get(type) ?? (isCustom(type) ? customResource : unservedResource);
  }
}

function isCustom(type: string): boolean {
  return type.startsWith("Custom::") || type === "AWS::CloudFormation::CustomResource";
}
