import { account } from "../../../shared/account.ts";
import { parseFunctionName } from "./function-name.ts";
import type { PlannedFunction } from "../plan.ts";
import type { InvocationResult, InvocationOptions } from "./function-config.ts";

/** What runs a function's code. */
export interface Invocable {
  invoke(event: unknown, options?: InvocationOptions): Promise<InvocationResult>;
}

/** A function that the cloud runs. */
export interface DeployedFunction<Sandbox extends Invocable = Invocable> extends PlannedFunction {
  readonly sandbox: Sandbox;
}

/** The version of a function that a caller names. */
export interface FoundFunction {
  readonly deployed: DeployedFunction;
  /** As the caller gave it; `$LATEST` where it gave none. */
  readonly qualifier: string;
  /** The version that the qualifier stands for. */
  readonly version: string;
  /** With the qualifier, if the caller gave one. */
  readonly invokedArn: string;
}

/** `arn:aws:lambda:<region>:<account>:function:<name>` or `<account>:function:<name>` of another account. */
function isForeign(reference: string): boolean {
  const [owner] = /\d{12}(?=:function:)/.exec(reference) ?? [];
  return owner !== undefined && owner !== account.id;
}

/** The version of a function that lasts, and that has no number. */
export const LATEST = "$LATEST";

/**
 * Finds what a caller names by name or ARN, with or without a qualifier; undefined where there is no such function, version or alias.
 *
 * @param qualifier given besides the name
 */
export function findFunction(
  functions: ReadonlyMap<string, DeployedFunction>,
  reference: string,
  qualifier?: string,
): FoundFunction | undefined {
  const parsed = parseFunctionName(reference);
  if (isForeign(reference)) return undefined;
  const deployed = functions.get(parsed.name);
  const named = qualifier ?? parsed.qualifier;
  if (deployed === undefined) return undefined;
  if (named === undefined) return { deployed, qualifier: LATEST, version: LATEST, invokedArn: deployed.config.arn };
  const version = named === LATEST ? LATEST : deployed.qualifiers.get(named);
  if (version === undefined) return undefined;
  return { deployed, qualifier: named, version, invokedArn: `${deployed.config.arn}:${named}` };
}
