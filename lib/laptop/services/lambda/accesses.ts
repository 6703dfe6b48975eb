import { access, keys, type Access } from "../../iam/access.ts";
import type { Context } from "../../iam/evaluator/context.ts";
import { textOf } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import { permittedArn } from "./permissions.ts";
import type { PlannedUrl } from "./plan.ts";

/** Lambda's API. Service authorization reference, "Actions, resources, and condition keys for AWS Lambda" */
export function lambdaAccess({ operation, input }: Pick<Call, "operation" | "input">): Access[] {
  if (operation === "ListFunctions") return [access("lambda:ListFunctions", "*")];
  const action = operation === "Invoke" ? "InvokeFunction" : operation;
  const resource = permittedArn(textOf(input["FunctionName"]) ?? "", textOf(input["Qualifier"]));
  const named = keys({
    "lambda:principal": operation === "AddPermission" ? textOf(input["Principal"]) : undefined,
    "lambda:functionurlauthtype": textOf(input["FunctionUrlAuthType"]),
    "lambda:invokedviafunctionurl": "false",
  });
  return [access(`lambda:${action}`, resource, named)];
}

/** A function's URL asks for two actions since October 2025: lambda/latest/dg/urls-auth.html */
export function urlAccess({ functionName, qualifier }: PlannedUrl): Access[] {
  const resource = permittedArn(functionName, qualifier);
  const context: Context = keys({
    "lambda:functionurlauthtype": "AWS_IAM",
    "lambda:invokedviafunctionurl": "true",
    "lambda:principal": undefined,
  });
  return ["InvokeFunctionUrl", "InvokeFunction"].map((action) => access(`lambda:${action}`, resource, context));
}
