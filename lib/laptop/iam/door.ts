import type { Call, WireRequest } from "../services/call.ts";
import type { Service } from "../services/service.ts";
import { AwsError } from "../shared/aws-error.ts";
import type { AccessControl } from "./access-control.ts";
import type { Callers } from "./callers.ts";
import type { Principal } from "./evaluator/principal.ts";

/** Where each call is held against its caller's policies, before its service sees it. */
export class IamDoor {
  readonly #control: AccessControl;
  readonly #callers: Callers;

  constructor(control: AccessControl, callers: Callers) {
    this.#control = control;
    this.#callers = callers;
  }

  /** Who sends a request. */
  callerOf(request: WireRequest): Principal {
    return this.#callers.ofRequest(request);
  }

  /** Lets a call pass, at once where its caller may do everything. @throws AwsError as its service refuses */
  check(call: Call, service: Service): void {
    if (this.#control.mayAll(call.caller)) return;
    const accesses = service.accesses(call);
    if (accesses === "open") return;
    if (accesses.length === 0) throw underived(call);
    for (const wanted of accesses) {
      const refused = this.#control.refuse(call.caller, wanted);
      if (refused) throw service.accessDenied(refused);
    }
  }
}

/** The refusal of a call of which nobody has said what it may do. */
function underived({ service, operation, request }: Call): AwsError {
  const what = operation === "" ? `${request.method} ${request.path}` : operation;
  return new AwsError(
    "AccessDenied",
    `The laptop cloud cannot tell what ${what} of ${service} does, and so whether the caller may.`,
    403,
  );
}
