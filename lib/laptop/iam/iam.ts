import type { ActivityLog } from "../shared/activity.ts";
import { access } from "./access.ts";
import { AccessControl, type IamMode } from "./access-control.ts";
import { Callers } from "./callers.ts";
import { IamDoor } from "./door.ts";
import type { Principal } from "./evaluator/principal.ts";
import { Policies } from "./policies.ts";
import type { Sender } from "./sender.ts";

/** IAM of the laptop cloud: the policies of the templates and of API calls, and the decisions by them. */
export class Iam {
  readonly policies = new Policies();
  readonly callers = new Callers(this.policies);
  readonly control: AccessControl;
  readonly door: IamDoor;

  /** Each kind of refusal is noted once in the activity log. */
  constructor(mode: IamMode, activity: ActivityLog) {
    this.control = new AccessControl(mode, this.policies, (line) => activity.notice(line));
    this.door = new IamDoor(this.control, this.callers);
  }

  /** Whether somebody may do an action to a resource that takes events; a refusal is noted. */
  readonly mayHandOver = (from: Sender, action: string, resourceArn: string): boolean => {
    const principal: Principal = "service" in from ? { kind: "service", ...from } : this.callers.named(from.functionName);
    return this.control.mayAll(principal) || this.control.refuse(principal, access(action, resourceArn)) === undefined;
  };
}
