import { access, type Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import type { Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { queryProtocol } from "../protocols/query-protocol.ts";
import type { Output, Service } from "../service.ts";
import { iamResources } from "./resources.ts";

/** IAM as a service: the roles and policies of templates. Its API is not served. */
export class IamService implements Service {
  readonly name = "iam";
  readonly address = { queryVersion: "2010-05-08" };
  readonly bodyLimit = 64 * 1_024;
  readonly protocol = queryProtocol({ actions: new Map(), namespace: "https://iam.amazonaws.com/doc/2010-05-08/" });
  readonly resources: Service["resources"];

  constructor({ iam: { policies } }: CloudContext) {
    this.resources = iamResources(policies);
  }

  handle({ operation }: Call): Output {
    throw new AwsError("InvalidAction", `The laptop cloud has the roles of templates, and no IAM ${operation}.`);
  }

  accesses({ operation }: Call): readonly Access[] {
    return [access(`iam:${operation}`, "*")];
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDenied", refusalMessage(refused), 403);
  }

  throttled(message: string): AwsError {
    return new AwsError("Throttling", message);
  }
}
