import { account } from "../../shared/account.ts";
import { lacksKey } from "./condition-keys.ts";
import type { Principal } from "./principal.ts";

/**
 * The values of a condition key in a call, by the key in lower case. None where the call surely does not have the key; undefined where
 * nothing is known of it: then a statement that asks for it denies, and does not allow.
 */
export type Context = (key: string) => readonly string[] | undefined;

const PRINCIPAL_TAG = "aws:principaltag/";

const NONE: readonly string[] = [];

/**
 * The global condition keys of a call, and those that the call itself has. IAM user guide, "AWS global condition context keys"
 *
 * @param own what is known of the call; it goes before all else
 * @param action what the call does, which tells the keys that it cannot have
 */
export function contextOf(principal: Principal, own: Context = () => undefined, action = ""): Context {
  return (key) =>
    own(key) ??
    callerKey(principal, key) ??
    requestKey(principal, key) ??
    (lacksKey(principal, action, key) ? NONE : undefined);
}

function callerKey(principal: Principal, key: string): readonly string[] | undefined {
  const { kind } = principal;
  if (key.startsWith(PRINCIPAL_TAG)) {
    const value = kind === "role" ? principal.tags.get(key.slice(PRINCIPAL_TAG.length)) : undefined;
    return value === undefined ? undefined : [value];
  }
  switch (key) {
    case "aws:principalisawsservice":
      return [String(kind === "service")];
    case "aws:principalservicename":
      return kind === "service" ? [principal.service] : undefined;
    case "aws:sourcearn":
      return kind === "service" ? [principal.sourceArn] : undefined;
    case "aws:sourceaccount":
      return kind === "service" ? [account.id] : undefined;
    case "aws:principalarn":
      return kind === "service" ? undefined : [principal.arn];
    case "aws:principalaccount":
      return kind === "service" ? undefined : [account.id];
    case "aws:principaltype":
      return kind === "service" ? undefined : [kind === "role" ? "AssumedRole" : "Account"];
    case "aws:userid":
      return kind === "role" ? [`AROALOCAL:${principal.session}`] : kind === "account" ? [account.id] : undefined;
    case "lambda:sourcefunctionarn":
      return kind === "role" && principal.functionArn !== undefined ? [principal.functionArn] : [];
    case "aws:viaawsservice":
      return ["false"];
    default:
      return undefined;
  }
}

function requestKey({ kind }: Principal, key: string): readonly string[] | undefined {
  switch (key) {
    case "aws:securetransport":
      // A call on loopback leaves the machine as little as one under TLS leaves its tunnel, and on AWS the same code calls over
      // TLS: a policy that denies plain HTTP means to stop neither.
      return ["true"];
    case "aws:sourceip":
      return kind === "service" ? undefined : ["127.0.0.1"];
    case "aws:requestedregion":
      return [account.region];
    case "aws:resourceaccount":
      return [account.id];
    case "aws:currenttime":
      return [new Date().toISOString()];
    case "aws:epochtime":
      return [String(Math.floor(Date.now() / 1_000))];
    default:
      return undefined;
  }
}
