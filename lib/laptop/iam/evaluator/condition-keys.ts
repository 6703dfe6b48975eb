import type { Principal } from "./principal.ts";

const PRINCIPAL_TAG = "aws:principaltag/";

/** Keys that every call of a caller has alike, or alike has not. */
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
  "lambda:sourcefunctionarn",
]);

/**
 * Global keys that no call here has: there is no organization, no VPC, no federation and no MFA, and nobody calls through another
 * service. IAM user guide, "AWS global condition context keys", under "Availability" of each
 */
const ABSENT = new Set([
  "aws:assumedroot",
  "aws:calledvia",
  "aws:calledviafirst",
  "aws:calledvialast",
  "aws:chatbotsourcearn",
  "aws:ec2instancesourceprivateipv4",
  "aws:ec2instancesourcevpc",
  "aws:federatedprovider",
  "aws:multifactorauthage",
  "aws:multifactorauthpresent",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:referer",
  "aws:resourceorgid",
  "aws:resourceorgpaths",
  "aws:sourceidentity",
  "aws:sourceorgid",
  "aws:sourceorgpaths",
  "aws:sourcevpc",
  "aws:sourcevpcarn",
  "aws:sourcevpce",
  "aws:vpceaccount",
  "aws:vpceorgid",
  "aws:vpceorgpaths",
  "aws:vpcsourceip",
]);

/** Global keys whose values differ from call to call. */
const CHANGING = new Set(["aws:currenttime", "aws:epochtime", "aws:tagkeys"]);

/** The actions whose calls carry tags, on AWS, or may. All others have neither `aws:RequestTag` nor `aws:TagKeys`. */
const CARRIES_TAGS = /^[^:]+:(?:Add|Create|Import|Put|Remove|Restore|Start|Tag|Untag)/i;

/** Whether a key, in lower case, has the same value in every call of one caller: a decision on it can be kept. */
export function isFixedKey(key: string): boolean {
  return FIXED.has(key) || ABSENT.has(key) || key.startsWith(PRINCIPAL_TAG);
}

/** Whether no call here has a key, in lower case. */
export function isAbsentKey(key: string): boolean {
  return ABSENT.has(key);
}

/** Whether the laptop cloud never finds out a key, in lower case, that calls on AWS have. */
export function isUnknownKey(key: string): boolean {
  return key.startsWith("aws:") && !isFixedKey(key) && !CHANGING.has(key) && !/^aws:(?:requesttag|resourcetag)\//.test(key);
}

/**
 * Whether a call of which nothing is known about a key surely does not have it on AWS.
 *
 * @param action what the call does: `sqs:SendMessage`
 */
export function lacksKey({ kind }: Principal, action: string, key: string): boolean {
  if (key === "aws:tokenissuetime") return kind !== "role";
  if (key === "aws:principalservicenameslist") return kind !== "service";
  if (key === "aws:tagkeys" || key.startsWith("aws:requesttag/")) return action !== "" && !CARRIES_TAGS.test(action);
  if (key.startsWith("aws:")) return ABSENT.has(key) || FIXED.has(key) || key.startsWith(PRINCIPAL_TAG);
  // A service's own keys are in its own calls alone.
  return action !== "" && !action.toLowerCase().startsWith(key.slice(0, key.indexOf(":") + 1));
}
