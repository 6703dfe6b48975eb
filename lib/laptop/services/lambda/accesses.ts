import { access, type Access } from "../../iam/access.ts";
import { arn } from "../../shared/account.ts";
import { textOf } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import { parseFunctionName } from "./functions/function-name.ts";
import type { PlannedUrl } from "./plan.ts";

/** Lambda's API. Service authorization reference, "Actions, resources, and condition keys for AWS Lambda" */
export function lambdaAccess({ operation, input }: Call): Access[] {
  if (operation === "ListFunctions") return [access("lambda:ListFunctions", "*")];
  const action = operation === "Invoke" ? "InvokeFunction" : operation;
  return [access(`lambda:${action}`, functionArn(textOf(input["FunctionName"]) ?? "", textOf(input["Qualifier"])))];
}

/** A function's URL asks for two actions since October 2025: lambda/latest/dg/urls-auth.html */
export function urlAccess({ functionName, qualifier }: PlannedUrl): Access[] {
  const resource = functionArn(functionName, qualifier);
  return [access("lambda:InvokeFunctionUrl", resource), access("lambda:InvokeFunction", resource)];
}

/** By name, by `name:qualifier`, or by a whole or partial ARN; a qualifier may also be given besides. */
function functionArn(reference: string, qualifier: string | undefined): string {
  const parsed = parseFunctionName(reference);
  const version = qualifier ?? parsed.qualifier;
  return arn("lambda", `function:${parsed.name}${version === undefined ? "" : `:${version}`}`);
}
