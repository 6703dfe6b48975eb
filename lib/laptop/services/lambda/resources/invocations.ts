import { arn } from "../../../shared/account.ts";
import { parseFunctionName } from "../functions/function-name.ts";
import { created, type Created, type Resource } from "../../../cloudformation/resource.ts";
import type { Properties } from "../../../cloudformation/properties.ts";
import type { Policies } from "../../../iam/policies.ts";
import type { Service } from "../../service.ts";
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
  const { functionArn, statement } = permissionStatement(properties, logicalId);
  policies.addResourceStatements(functionArn, { Version: "2012-10-17", Statement: statement }, resource);
  return created(logicalId, { Id: logicalId });
}

/** The statement that a permission adds to the policy of its function, as AddPermission writes it. */
function permissionStatement(properties: Properties, sid: string): { functionArn: string; statement: object } {
  const { name, qualifier } = parseFunctionName(properties.text("FunctionName"));
  const functionArn = arn("lambda", `function:${name}`);
  const sourceArn = properties.optionalText("SourceArn");
  const equals = Object.entries({
    "AWS:SourceAccount": properties.optionalText("SourceAccount"),
    "aws:PrincipalOrgID": properties.optionalText("PrincipalOrgID"),
    "lambda:FunctionUrlAuthType": properties.optionalText("FunctionUrlAuthType"),
  }).filter(([, value]) => value !== undefined);
  const condition = {
    ...(equals.length === 0 ? {} : { StringEquals: Object.fromEntries(equals) }),
    ...(sourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": sourceArn } }),
  };
  return {
    functionArn,
    statement: {
      Sid: sid,
      Effect: "Allow",
      Principal: principalOf(properties.text("Principal")),
      Action: properties.text("Action"),
      Resource: qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`,
      ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
    },
  };
}

/** A service, an account by its number, an ARN, or everybody. */
function principalOf(principal: string): unknown {
  if (principal === "*") return "*";
  return principal.includes(".amazonaws.com") ? { Service: principal } : { AWS: principal };
}
