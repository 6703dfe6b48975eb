import type { Interference } from "../chaos/interference.ts";
import type { Principal } from "../iam/evaluator/principal.ts";
import { Answer, type Call, type Operation, type WireRequest } from "../services/call.ts";
import { AwsError } from "../shared/aws-error.ts";
import type { Authorizer } from "./authorizer.ts";
import type { Directory } from "./directory.ts";
import { tooLarge } from "./read-request.ts";
import { refusalAnswer, refusalFor } from "./send.ts";

/** Carries out requests: each is read once, and IAM, chaos and its service take what was read. */
export class Calls {
  readonly #directory: Directory;
  readonly #authorizer: Authorizer;
  readonly #chaos: Interference;
  readonly #onDone: () => void;
  #onTheWay = 0;

  /** `onDone` is called when a call is on its way no more. */
  constructor(directory: Directory, authorizer: Authorizer, chaos: Interference, onDone: () => void) {
    this.#onDone = onDone;
    this.#directory = directory;
    this.#authorizer = authorizer;
    this.#chaos = chaos;
  }

  /** What is on its way to a service, a line each: the cloud has not settled before. */
  remaining(): readonly string[] {
    return this.#onTheWay === 0 ? [] : [`${this.#onTheWay} calls are on their way`];
  }

  /**
   * Carries out a request.
   *
   * @returns the answer, which may be a refusal; undefined where chaos has lost it
   * @param read reads it, and says when nothing has come of it for a while: what may never be whole keeps nobody waiting
   * @throws what `read` rejects with
   */
  async answer(read: (onStall: () => void) => Promise<WireRequest>, hangUp: () => AbortSignal): Promise<Answer | undefined> {
    let isCounted = false;
    const count = (): void => {
      if (!isCounted) this.#onTheWay += 1;
      isCounted = true;
    };
    const arrive = (): void => {
      if (!isCounted) return;
      isCounted = false;
      this.#onTheWay -= 1;
      this.#onDone();
    };
    count();
    try {
      const request = await read(arrive);
      count();
      return await this.#carryOut(request, hangUp, arrive);
    } finally {
      arrive();
    }
  }

  /** `arrive` is called when nothing more comes of the call for now. */
  async #carryOut(request: WireRequest, hangUp: () => AbortSignal, arrive: () => void): Promise<Answer | undefined> {
    const service = this.#directory.find(request);
    if (!service) return refusalAnswer(unknownCall(request), request.headers);
    const protocol = service.protocol(request);
    try {
      if (request.body.length > service.bodyLimit) throw tooLarge(service.bodyLimit);
      const call = new ReadCall(service.name, protocol.read(request), this.#authorizer.callerOf(request), request, hangUp);
      this.#authorizer.authorize(call, service);
      const answerIsLost = this.#chaos.active && (await this.#chaos.meet(call, service));
      // What waits for something to happen would keep the cloud from settling until it does.
      if (service.mayWait?.(call)) arrive();
      const output = await service.handle(call);
      if (answerIsLost) return undefined;
      return output instanceof Answer ? output : protocol.answer(call.operation, output);
    } catch (thrown) {
      return protocol.refuse(refusalFor(thrown));
    }
  }
}

class ReadCall implements Call {
  readonly service: string;
  readonly caller: Principal;
  readonly request: WireRequest;
  readonly operation: string;
  readonly #read: Operation;
  readonly #hangUp: () => AbortSignal;

  constructor(service: string, read: Operation, caller: Principal, request: WireRequest, hangUp: () => AbortSignal) {
    this.service = service;
    this.operation = read.operation;
    this.caller = caller;
    this.request = request;
    this.#read = read;
    this.#hangUp = hangUp;
  }

  get input(): Operation["input"] {
    return this.#read.input;
  }

  get signal(): AbortSignal {
    return this.#hangUp();
  }
}

function unknownCall({ target, method, path, headers, body }: WireRequest): AwsError {
  const isForm = target === "" && headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  if (isForm && !/(^|&)Action=/.test(body.toString("latin1")))
    return new AwsError("MissingAction", "The request must contain the parameter Action.");
  const what = target === "" ? `${method} ${path}` : target;
  return new AwsError("UnknownOperationException", `No service of the laptop cloud answers ${what}.`);
}
