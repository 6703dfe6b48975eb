import { created, physicalName, type Created, type Resource } from "../../cloudformation/resource.ts";
import { asText, isRecord } from "../../shared/json.ts";
import type { ParameterStore } from "./parameter-store.ts";

const LONGEST_NAME = 1_011;

/** `AWS::SSM::Parameter`. A value that the user has given goes before the template's. */
export function parameter(resource: Resource, store: ParameterStore, given: Readonly<Record<string, string>>): Created {
  const { properties } = resource;
  const name = physicalName(resource, "Name", LONGEST_NAME);
  const value = given[name] ?? properties.text("Value");
  const { type } = store.put(name, value, properties.optionalText("Type"));
  return created(name, { Type: type, Value: value });
}

/** Exports for stacks of other regions, which lie in the Parameter Store under their names: `Custom::CrossRegionExportWriter`. */
export function crossRegionWriter({ logicalId, properties }: Resource, store: ParameterStore): Created {
  const exports = properties.group("WriterProps").raw("exports");
  for (const [name, value] of Object.entries(isRecord(exports) ? exports : {})) store.put(name, asText(value));
  return created(logicalId);
}

/** `Custom::CrossRegionExportReader`. */
export function crossRegionReader({ logicalId, properties }: Resource): Created {
  const imports = properties.group("ReaderProps").raw("imports");
  return created(logicalId, isRecord(imports) ? imports : {});
}
