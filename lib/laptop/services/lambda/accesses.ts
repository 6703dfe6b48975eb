import { arn } from "../../shared/account.ts";
import { access, type Access, type Call } from "../../iam/access.ts";

const FUNCTIONS = /^\/2015-03-31\/functions(?:\/([^/?]*))?(?:\/([^?]*))?(?:\?(.*))?$/;

/** Lambda's API. Service authorization reference, "Actions, resources, and condition keys for AWS Lambda" */
export function lambdaAccess({ method, url }: Call): Access[] {
  const [, name = "", part, query] = FUNCTIONS.exec(url) ?? [];
  if (name === "") return method === "GET" ? [access("lambda:ListFunctions", "*")] : [];
  const action = actionOf(method, part);
  return action === undefined ? [] : [access(action, functionArn(decodeURIComponent(name), query))];
}

function actionOf(method: string, part: string | undefined): string | undefined {
  if (method === "POST" && part === "invocations") return "lambda:InvokeFunction";
  if (method === "POST" && part === "response-streaming-invocations") return "lambda:InvokeFunction";
  if (method !== "GET") return undefined;
  return part === "configuration" ? "lambda:GetFunctionConfiguration" : part === undefined ? "lambda:GetFunction" : undefined;
}

/** By name, by `name:qualifier`, or by ARN; the qualifier may also be in the query. */
function functionArn(name: string, query: string | undefined): string {
  const qualifier = new URLSearchParams(query).get("Qualifier");
  const whole = name.startsWith("arn:") ? name : arn("lambda", `function:${name}`);
  return qualifier === null ? whole : `${whole.split(":").slice(0, 7).join(":")}:${qualifier}`;
}
