import type { IncomingMessage } from "node:http";
import { AwsError } from "../shared/aws-error.ts";
import { peekBody } from "../gateway/peek-body.ts";
import type { AccessControl } from "./access-control.ts";
import type { Callers } from "./callers.ts";
import { type Access, accessesOf } from "./calls/index.ts";
import type { Principal } from "./evaluator/principal.ts";
import { accessDenied } from "./refusal.ts";

/** Where each call is held against its caller's policies, before any service sees it. */
export class IamDoor {
  readonly #control: AccessControl;
  readonly #callers: Callers;

  constructor(control: AccessControl, callers: Callers) {
    this.#control = control;
    this.#callers = callers;
  }

  /**
   * Lets a call pass, at once where its caller may do everything.
   *
   * @param api what the gateway takes the call for
   * @throws AwsError as the service itself refuses
   */
  check(request: IncomingMessage, api: string): Promise<void> | undefined {
    const caller = this.#callers.ofRequest(request);
    return this.#control.mayAll(caller) ? undefined : this.#decide(caller, request, api);
  }

  /** Refuses a caller who may not do something that the service alone can tell. @throws AwsError as the service itself refuses */
  require(request: IncomingMessage, api: string, wanted: Access): void {
    const caller = this.#callers.ofRequest(request);
    const refused = this.#control.mayAll(caller) ? undefined : this.#control.refuse(caller, wanted);
    if (refused) throw accessDenied(api, refused);
  }

  async #decide(caller: Principal, request: IncomingMessage, api: string): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    const target = String(headers["x-amz-target"] ?? "");
    const body = hasResourceInBody(api, url) ? await readWhole(request) : Buffer.alloc(0);
    const operation = target.slice(target.indexOf(".") + 1);
    for (const wanted of accessesOf(api, { method, url, headers, operation, body })) {
      const refused = this.#control.refuse(caller, wanted);
      if (refused) throw accessDenied(api, refused);
    }
  }
}

/** Lambda and S3 have it in the path, but for objects that are deleted together. */
function hasResourceInBody(api: string, url: string): boolean {
  if (api === "s3") return /[?&]delete\b/.test(url);
  return api !== "lambda";
}

/** A body whose length is not said cannot be read ahead of its service; one that is too long the gateway has refused. */
function readWhole(request: IncomingMessage): Promise<Buffer> {
  if (request.headers["transfer-encoding"] !== undefined)
    throw new AwsError("MissingContentLength", "The call must say the length of its body (Content-Length).", 411);
  return peekBody(request);
}
