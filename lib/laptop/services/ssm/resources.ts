import {
  created,
  physicalName,
  type Created,
  type Deployment,
  type Resource,
  type ResourceHandler,
} from "../../cloudformation/resource.ts";

const LONGEST_NAME = 1_011;

/** SSM: parameters, in the store that functions read them from. */
export const ssmResources: Readonly<Record<string, ResourceHandler>> = { "AWS::SSM::Parameter": parameter };

function parameter(resource: Resource, { parameters, givenParameters }: Deployment): Created {
  const { properties } = resource;
  const name = physicalName(resource, "Name", LONGEST_NAME);
  const value = givenParameters[name] ?? properties.text("Value");
  const { type } = parameters.put(name, value, properties.optionalText("Type"));
  return created(name, { Type: type, Value: value });
}
