import { account } from "../../shared/account.ts";
import type { Principal } from "./principal.ts";

/** The values of a condition key in a call, by the key in lower case; undefined where the call has no such key. */
export type Context = (key: string) => readonly string[] | undefined;

const PRINCIPAL_TAG = "aws:principaltag/";

/** Keys of one caller that are the same in every call of theirs. */
const FIXED = new Set([
  "aws:securetransport",
  "aws:sourceip",
  "aws:requestedregion",
  "aws:resourceaccount",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principaltype",
  "aws:principalisawsservice",
  "aws:principalservicename",
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:viaawsservice",
  "aws:userid",
  "aws:username",
]);

/** Keys whose values change from call to call. What of them a call has is said in `calls/`. */
const CHANGING = new Set([
  "aws:currenttime",
  "aws:epochtime",
  "s3:prefix",
  "s3:delimiter",
  "s3:max-keys",
  "s3:x-amz-acl",
  "s3:x-amz-server-side-encryption",
  "s3:x-amz-storage-class",
  "lambda:functionurlauthtype",
  "ses:fromaddress",
  "ses:recipients",
  "sns:protocol",
  "sns:endpoint",
]);

/** Whether a key, in lower case, has the same value in every call of one caller: a decision on it can be kept. */
export function isFixedKey(key: string): boolean {
  return FIXED.has(key) || key.startsWith(PRINCIPAL_TAG);
}

/** Whether calls here can have a key, in lower case. One that they never have counts as absent. */
export function isKnownKey(key: string): boolean {
  return isFixedKey(key) || CHANGING.has(key);
}

/** The global condition keys of a call, and what the call itself has. IAM user guide, "AWS global condition context keys" */
export function contextOf(principal: Principal, own: Context = () => undefined): Context {
  return (key) => own(key) ?? callerKey(principal, key) ?? networkKey(key);
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
    case "aws:viaawsservice":
      return ["false"];
    default:
      return undefined;
  }
}

function networkKey(key: string): readonly string[] | undefined {
  switch (key) {
    case "aws:securetransport":
      // A call on loopback leaves the machine as little as one under TLS leaves its tunnel, and on AWS the same code calls over
      // TLS: a policy that denies plain HTTP means to stop neither.
      return ["true"];
    case "aws:sourceip":
      return ["127.0.0.1"];
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
