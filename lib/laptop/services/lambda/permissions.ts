import { randomUUID } from "node:crypto";
import type { Policies } from "../../iam/policies.ts";
import { arn } from "../../shared/account.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { isRecord, textOf } from "../../shared/json.ts";
import { Answer, type Call } from "../call.ts";
import { parseFunctionName } from "./functions/function-name.ts";

/** What AddPermission and AWS::Lambda::Permission say, by the API's names. */
export type PermissionInput = Readonly<Record<string, unknown>>;

/** The statement that a permission adds to the policy of a function, or of one version or alias of it, as AWS writes it. */
export function permissionStatement(functionArn: string, sid: string, input: PermissionInput): object {
  const equals = {
    ...textMember("AWS:SourceAccount", input["SourceAccount"]),
    ...textMember("aws:PrincipalOrgID", input["PrincipalOrgID"]),
    ...textMember("lambda:FunctionUrlAuthType", input["FunctionUrlAuthType"]),
    ...textMember("lambda:EventSourceToken", input["EventSourceToken"]),
  };
  const like = textMember("AWS:SourceArn", input["SourceArn"]);
  const byUrl = String(input["InvokedViaFunctionUrl"]) === "true";
  const condition = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(Object.keys(like).length > 0 && { ArnLike: like }),
    ...(byUrl && { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }),
  };
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: principalOf(textOf(input["Principal"]) ?? ""),
    Action: input["Action"],
    Resource: functionArn,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

/** The ARN that a permission is for: of the function, or of a version or alias of it. */
export function permittedArn(reference: string, qualifier?: string): string {
  const parsed = parseFunctionName(reference);
  const version = qualifier ?? parsed.qualifier;
  return arn("lambda", `function:${parsed.name}${version === undefined ? "" : `:${version}`}`);
}

function textMember(name: string, value: unknown): Record<string, string> {
  const text = textOf(value);
  return text === undefined ? {} : { [name]: text };
}

/** A service, an account by its number, an ARN, or everybody. */
function principalOf(principal: string): unknown {
  if (principal === "*") return "*";
  return principal.includes(".amazonaws.com") ? { Service: principal } : { AWS: principal };
}

/** AddPermission, RemovePermission and GetPolicy. */
export class FunctionPermissions {
  readonly #policies: Policies;

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  /** Answers a call about the policy of a function that there is. @throws AwsError as Lambda refuses */
  handle({ operation, input }: Call): Answer {
    const functionArn = permittedArn(textOf(input["FunctionName"]) ?? "", textOf(input["Qualifier"]));
    const sid = textOf(input["StatementId"]) ?? "";
    if (operation === "AddPermission") return this.#add(functionArn, sid, input);
    if (operation === "RemovePermission") {
      if (this.#policies.removeStatement(functionArn, sid)) return new Answer(204);
      throw new AwsError("ResourceNotFoundException", `Statement ${sid} is not found in resource policy.`, 404);
    }
    const document = this.#policies.resourcePolicy(functionArn);
    if (!document) throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404);
    return answer(200, { Policy: JSON.stringify(document), RevisionId: randomUUID() });
  }

  #add(functionArn: string, sid: string, input: Call["input"]): Answer {
    for (const member of ["Action", "Principal", "StatementId"])
      if (textOf(input[member]) === undefined) throw new AwsError("ValidationException", `${member} is missing.`);
    const statements = this.#policies.resourcePolicy(functionArn)?.Statement ?? [];
    if (statements.some((it) => isRecord(it) && it["Sid"] === sid)) {
      const advice = "Please provide a new statement id, or remove the existing statement.";
      throw new AwsError("ResourceConflictException", `The statement id (${sid}) provided already exists. ${advice}`, 409);
    }
    const statement = permissionStatement(functionArn, sid, input);
    this.#policies.addStatement(functionArn, statement);
    return answer(201, { Statement: JSON.stringify(statement) });
  }
}

function answer(status: number, body: object): Answer {
  return new Answer(status, JSON.stringify(body), { "content-type": "application/json", "x-amzn-requestid": randomUUID() });
}
