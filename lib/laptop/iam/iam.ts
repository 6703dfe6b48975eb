import type { ActivityLog } from "../shared/activity.ts";
import { type Deployment, type PlannedMapping, type PlannedStreamMapping, reportMissing } from "../cloudformation/resource.ts";
import { AccessControl, type IamMode } from "./access-control.ts";
import { Callers } from "./callers.ts";
import { access } from "./access.ts";
import { IamDoor } from "./door.ts";
import { Policies } from "./policies.ts";
import type { Principal } from "./evaluator/principal.ts";
import { refusePolling } from "../services/lambda/mappings/polling.ts";
import { noticeOf } from "./refusal.ts";

/** A service of AWS that acts for one of the account's resources. */
export interface ActingService {
  /** `sns.amazonaws.com`. */
  readonly service: string;
  /** The topic or bucket that it acts for. */
  readonly sourceArn: string;
}

/** Who hands an event on: a service by its own right, or Lambda with the role of a function. */
export type Sender = ActingService | { readonly functionName: string };

/** What it takes to hand an event to a target, by the service in the target's ARN. */
const HAND_OVER: Readonly<Record<string, string>> = {
  sqs: "sqs:SendMessage",
  sns: "sns:Publish",
  lambda: "lambda:InvokeFunction",
};

/** IAM of the laptop cloud: the policies of the templates, and the decisions by them. */
export class Iam {
  readonly policies = new Policies();
  readonly control: AccessControl;
  #callers: Callers | undefined;

  /** A refusal is told of in the activity log, once of each kind. */
  constructor(mode: IamMode, activity: ActivityLog) {
    this.control = new AccessControl(mode, this.policies, (line) => activity.notice(line));
  }

  /** Whether an event may be handed to a queue, a topic or a function by its ARN; a refusal is told of. */
  mayHandOver(from: Sender, targetArn: string): boolean {
    const principal: Principal | undefined =
      "service" in from ? { kind: "service", ...from } : this.#callers?.named(from.functionName);
    const action = HAND_OVER[targetArn.split(":")[2] ?? ""];
    if (principal === undefined || action === undefined || this.control.mayAll(principal)) return true;
    return this.control.refuse(principal, access(action, targetArn)) === undefined;
  }

  /**
   * Takes up its work when all resources exist: knows the callers, leaves out the mappings that AWS would not create, and lists
   * what of the policies is not known here.
   */
  open(deployment: Deployment): { callers: Callers; door: IamDoor } {
    if (this.control.mode !== "off") {
      for (const { source, consequence } of this.policies.unknown) reportMissing(deployment, source, consequence);
      this.#leaveOutRefused(deployment.mappings, ({ queueArn }) => queueArn, deployment);
      this.#leaveOutRefused(deployment.streamMappings, ({ streamArn }) => streamArn, deployment);
    }
    const functions = [...deployment.functions.values()].map(({ config: { name, arn }, role }) => ({ name, arn, role }));
    const callers = new Callers(this.policies, functions);
    this.#callers = callers;
    return { callers, door: new IamDoor(this.control, callers) };
  }

  #leaveOutRefused<Mapping extends PlannedMapping | PlannedStreamMapping>(
    mappings: Mapping[],
    sourceOf: (mapping: Mapping) => string,
    deployment: Deployment,
  ): void {
    const polled = mappings.filter((mapping) => {
      const { functionName, resource } = mapping;
      const role = deployment.functions.get(functionName)?.role ?? "";
      const refused = refusePolling(this.control, { functionName, role, sourceArn: sourceOf(mapping) });
      if (refused) reportMissing(deployment, resource, `nothing is fed to ${functionName}: ${noticeOf(refused, "enforce")}`);
      return refused === undefined;
    });
    mappings.splice(0, mappings.length, ...polled);
  }
}
