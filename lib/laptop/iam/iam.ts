import type { ActivityLog } from "../shared/activity.ts";
import { access } from "./access.ts";
import { AccessControl, type IamMode } from "./access-control.ts";
import { Callers } from "./callers.ts";
import type { Principal } from "./evaluator/principal.ts";
import { Policies } from "./policies.ts";
import type { Sender } from "./sender.ts";

/** IAM of the laptop cloud: the policies of the templates and of API calls, and the decisions by them. */
export class Iam {
  readonly policies = new Policies();
  readonly callers = new Callers(this.policies);
  readonly control: AccessControl;

  /** Each kind of refusal is noted once in the activity log. */
  constructor(mode: IamMode, activity: ActivityLog) {
    this.control = new AccessControl(mode, this.policies, (line) => activity.notice(line));
  }

  /** Whether somebody may do an action to a resource that takes events; a refusal is noted. */
  readonly mayHandOver = (from: Sender, action: string, resourceArn: string): boolean => {
    const principal: Principal = "service" in from ? { kind: "service", ...from } : this.callers.named(from.functionName);
    return this.control.mayAll(principal) || this.control.refuse(principal, access(action, resourceArn)) === undefined;
  };
}
