import { arn } from "../../../shared/account.ts";
import { parseFunctionName } from "../functions/function-name.ts";
import { created, type Created, type Resource } from "../../../cloudformation/resource.ts";
import type { Policies } from "../../../iam/policies.ts";
import type { Service } from "../../service.ts";
import { permissionStatement, permittedArn } from "../permissions.ts";
import type { LambdaPlan } from "../plan.ts";

/** Who may invoke a function, at which URL, and what becomes of asynchronous invocations. `port` is the gateway's. */
export function invocationResources(plan: LambdaPlan, policies: Policies, port: number): Service["resources"] {
  return {
    "AWS::Lambda::EventInvokeConfig": (resource) => eventInvokeConfig(resource, plan),
    "AWS::Lambda::Permission": (resource) => permission(resource, policies),
    "AWS::Lambda::Url": (resource) => functionUrl(resource, plan, port),
  };
}

function eventInvokeConfig({ logicalId, properties }: Resource, { functions }: LambdaPlan): Created {
  const { name } = parseFunctionName(properties.text("FunctionName"));
  const destinations = properties.group("DestinationConfig");
  const onSuccess = destinations.group("OnSuccess").optionalText("Destination");
  const onFailure = destinations.group("OnFailure").optionalText("Destination");
  const maximumRetries = properties.number("MaximumRetryAttempts");
  const maximumAgeSeconds = properties.number("MaximumEventAgeInSeconds");
  functions.get(name)?.asyncConfigs.set(properties.text("Qualifier"), {
    ...(maximumRetries === undefined ? {} : { maximumRetries }),
    ...(maximumAgeSeconds === undefined ? {} : { maximumAgeSeconds }),
    ...(onSuccess === undefined ? {} : { onSuccess }),
    ...(onFailure === undefined ? {} : { onFailure }),
  });
  return created(logicalId);
}

function functionUrl(resource: Resource, plan: LambdaPlan, port: number): Created {
  const { properties } = resource;
  const target = parseFunctionName(properties.text("TargetFunctionArn"));
  const { name, qualifier = properties.optionalText("Qualifier") } = target;
  // AWS makes up an id; the function's name is as unique, and says whose URL it is.
  const id = qualifier === undefined ? name : `${name}:${qualifier}`;
  plan.urls.set(id, {
    functionName: name,
    signed: properties.text("AuthType") === "AWS_IAM",
    ...(qualifier === undefined ? {} : { qualifier }),
  });
  if (properties.raw("Cors") !== undefined)
    resource.report("its CORS configuration is left out: pages of other sites cannot call it");
  if (properties.optionalText("InvokeMode") === "RESPONSE_STREAM")
    resource.report("nothing is streamed: an answer comes as a whole");
  const url = `http://127.0.0.1:${port}/lambda-url/${id}/`;
  plan.functions.get(name)?.urls.push(url);
  return created(arn("lambda", `function:${id}`), { FunctionArn: arn("lambda", `function:${id}`), FunctionUrl: url });
}

function permission(resource: Resource, policies: Policies): Created {
  const { logicalId, properties } = resource;
  const names = [
    "Action",
    "Principal",
    "SourceArn",
    "SourceAccount",
    "PrincipalOrgID",
    "FunctionUrlAuthType",
    "EventSourceToken",
  ];
  const texts = names.map((name) => [name, properties.optionalText(name)] as const);
  const InvokedViaFunctionUrl = properties.raw("InvokedViaFunctionUrl");
  const functionArn = permittedArn(properties.text("FunctionName"));
  const statement = permissionStatement(functionArn, logicalId, { ...Object.fromEntries(texts), InvokedViaFunctionUrl });
  policies.addStatement(functionArn, statement, resource);
  return created(logicalId, { Id: logicalId });
}
