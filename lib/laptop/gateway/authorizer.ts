import type { Iam } from "../iam/iam.ts";
import type { Principal } from "../iam/evaluator/principal.ts";
import type { Call, WireRequest } from "../services/call.ts";
import type { Service } from "../services/service.ts";
import { AwsError } from "../shared/aws-error.ts";

/** Holds each call against its caller's policies, before its service sees it. */
export class Authorizer {
  readonly #iam: Iam;

  constructor(iam: Iam) {
    this.#iam = iam;
  }

  /** Who sends a request. */
  callerOf(request: WireRequest): Principal {
    return this.#iam.callers.ofRequest(request);
  }

  /** Lets a call pass, at once where its caller may do everything. @throws AwsError as its service refuses */
  authorize(call: Call, service: Service): void {
    const { control } = this.#iam;
    if (control.mayAll(call.caller)) return;
    const accesses = service.accesses(call);
    if (accesses === "open") return;
    if (accesses.length === 0) return this.#refuseUnderived(call);
    for (const wanted of accesses) {
      const refused = control.refuse(call.caller, wanted);
      if (refused) throw service.accessDenied(refused);
    }
  }

  /** Refuses a call of which nobody has said what it does. */
  #refuseUnderived({ service, operation, request }: Call): void {
    const what = operation === "" ? `${request.method} ${request.path}` : operation;
    const message = `The laptop cloud cannot tell what ${service} ${what} does, and so not whether the caller may do it.`;
    if (this.#iam.control.mode === "enforce") throw new AwsError("AccessDeniedException", message, 403);
    this.#iam.control.note(message);
  }
}
