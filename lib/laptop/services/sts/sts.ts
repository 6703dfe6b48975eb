import { account, iamArn } from "../../shared/account.ts";
import { AwsError } from "../../shared/aws-error.ts";
import type { Access } from "../../iam/access.ts";
import { access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import type { Principal } from "../../iam/evaluator/principal.ts";
import type { Call } from "../call.ts";
import { queryProtocol } from "../protocols/query-protocol.ts";
import { string, structure, type Action } from "../protocols/shape.ts";
import type { Output, Service } from "../service.ts";

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ["GetCallerIdentity", { input: structure({}), output: structure({ UserId: string(), Account: string(), Arn: string() }) }],
]);

/** Security Token Service: GetCallerIdentity. */
export class StsService implements Service {
  readonly name = "sts";
  readonly address = { queryVersion: "2011-06-15" };
  readonly bodyLimit = 64 * 1_024;
  readonly protocol = queryProtocol({ actions: ACTIONS, namespace: "https://sts.amazonaws.com/doc/2011-06-15/" });
  readonly resources = {};

  handle({ caller }: Call): Output {
    return { UserId: idOf(caller), Account: account.id, Arn: arnOf(caller) };
  }

  /** Nobody needs a permission to ask who they are. STS API reference, GetCallerIdentity */
  accesses({ operation }: Call): readonly Access[] | "open" {
    return operation === "GetCallerIdentity" ? "open" : [access(`sts:${operation}`, "*")];
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDenied", refusalMessage(refused), 403);
  }

  throttled(message: string): AwsError {
    return new AwsError("Throttling", message);
  }
}

function idOf(caller: Principal): string {
  return caller.kind === "role" ? `AROALOCAL:${caller.session}` : account.id;
}

function arnOf(caller: Principal): string {
  if (caller.kind === "role") return caller.sessionArn;
  return caller.kind === "account" ? caller.arn : iamArn("root");
}
