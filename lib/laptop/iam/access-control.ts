import type { Access } from "./access.ts";
import { isFixedKey } from "./evaluator/condition-keys.ts";
import { contextOf } from "./evaluator/context.ts";
import { decide, type Decision } from "./evaluator/decide.ts";
import type { Policies } from "./policies.ts";
import type { Statement } from "./evaluator/statement.ts";
import { administrator, type Principal } from "./evaluator/principal.ts";
import { noticeOf, type Refused } from "./refusal.ts";

/** What is done with a call that the templates' policies refuse: it is refused, or let through and told of; `off` decides nothing. */
export type IamMode = "enforce" | "report" | "off";

/** Something that a caller has done or wanted to do. */
export interface SeenAccess {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** Distinct decisions that are remembered; beyond it, all are made anew. Object keys would else make them grow for ever. */
const REMEMBERED = 10_000;

/** A decision that has been made, and whether it was on a call or only asked for. */
interface Decided extends SeenAccess, Decision {
  wasCall: boolean;
  /** Of the policies that it was made by. */
  readonly version: number;
}

/** Decides, by the policies of the templates, what each caller may do; and remembers it. */
export class AccessControl {
  readonly mode: IamMode;
  readonly #policies: Policies;
  readonly #notice: (line: string) => void;
  readonly #decided = new Map<string, Decided>();
  readonly #told = new Set<string>();
  #administratorMayAll = { version: -1, mayAll: false };

  /** @param notice is told once of each distinct refusal, in one line */
  constructor(mode: IamMode, policies: Policies, notice: (line: string) => void) {
    this.mode = mode;
    this.#policies = policies;
    this.#notice = notice;
  }

  /** What callers have done or been refused: each distinct access once, and the last 10,000 at the most. */
  get seen(): readonly SeenAccess[] {
    return [...this.#decided.values()].filter(({ wasCall }) => wasCall);
  }

  /** Whether nothing can be refused to a caller, so that their calls need not be looked at. */
  mayAll(principal: Principal): boolean {
    if (this.mode === "off") return true;
    if (principal.kind === "service") return false;
    if (principal.kind === "role") return !this.#policies.roles.has(principal.arn);
    const { version } = this.#policies;
    if (this.#administratorMayAll.version !== version)
      this.#administratorMayAll = { version, mayAll: !this.#policies.resourceStatements.some(mayDenyTheAdministrator) };
    return this.#administratorMayAll.mayAll;
  }

  /** Whether a caller may do something, whatever the mode, and without a word of it. */
  allows(principal: Principal, wanted: Access): boolean {
    return wanted.resources.some((resource) => this.#decide(principal, wanted, resource).refusal === undefined);
  }

  /**
   * Decides on one access of a call, and tells of a refusal.
   *
   * @returns the refusal to answer with; undefined where the access is granted, or refusals are only reported
   */
  refuse(principal: Principal, wanted: Access): Refused | undefined {
    if (this.mode === "off") return undefined;
    const decisions = wanted.resources.map((resource) => this.#decide(principal, wanted, resource));
    const decision = decisions.find(({ refusal }) => refusal === undefined) ?? decisions[0];
    if (decision === undefined) return undefined;
    decision.wasCall = true;
    const { action, resource, refusal } = decision;
    if (refusal === undefined) return undefined;
    const refused = { principal, action, resource, refusal };
    this.note(noticeOf(refused, this.mode));
    for (const key of decision.unknownKeys ?? [])
      this.note(`IAM cannot tell ${key} of ${action} here: a statement that asks for it denies, and does not allow`);
    return this.mode === "enforce" ? refused : undefined;
  }

  #decide(principal: Principal, { action, context }: Access, resource: string): Decided {
    const key = `${callerKey(principal)} ${action} ${resource}`;
    const known = this.#decided.get(key);
    const { version } = this.#policies;
    if (known?.lasting && known.version === version) return known;
    const role = principal.kind === "role" ? this.#policies.roles.get(principal.arn) : undefined;
    const decision = decide(
      { principal, action, resource, context: contextOf(principal, context, action) },
      {
        identity: principal.kind === "account" ? undefined : (role?.identity ?? []),
        boundary: role?.boundary,
        resource: this.#policies.ofResource(resource),
      },
    );
    if (this.#decided.size >= REMEMBERED) this.#decided.clear();
    const allowed = decision.refusal === undefined;
    const decided = { principal, action, resource, allowed, ...decision, version, wasCall: known?.wasCall ?? false };
    this.#decided.set(key, decided);
    return decided;
  }

  /** Notes a line for a person, once. */
  note(line: string): void {
    if (this.#told.has(line) || this.#told.size >= REMEMBERED) return;
    this.#told.add(line);
    this.#notice(line);
  }
}

/** Whether a statement can deny something: its condition may hold for the administrator, or turns on the call. */
function mayDenyTheAdministrator({ effect, condition }: Statement): boolean {
  return effect === "Deny" && (!condition.keys.every(isFixedKey) || condition.holds(contextOf(administrator)));
}

function callerKey(principal: Principal): string {
  switch (principal.kind) {
    case "role":
      return principal.sessionArn;
    case "account":
      return principal.arn;
    case "service":
      return `${principal.service} ${principal.sourceArn}`;
  }
}
