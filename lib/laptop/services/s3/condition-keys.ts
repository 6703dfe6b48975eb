import { keys } from "../../iam/access.ts";
import type { Context } from "../../iam/evaluator/context.ts";
import { account } from "../../shared/account.ts";
import { textOf } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import { encodedPath, copySourceOf } from "./request/target.ts";

/** Keys of S3 that have the value of the header whose name they bear. */
const OF_HEADERS = [
  "x-amz-acl",
  "x-amz-content-sha256",
  "x-amz-grant-full-control",
  "x-amz-grant-read",
  "x-amz-grant-read-acp",
  "x-amz-grant-write",
  "x-amz-grant-write-acp",
  "x-amz-metadata-directive",
  "x-amz-object-ownership",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-storage-class",
  "x-amz-website-redirect-location",
  "if-match",
  "if-none-match",
];

/** Keys of calls that go through what is not served here: access points, access grants, jobs, versions' and objects' own tags. */
const ABSENT =
  /^s3:(?:accessgrantsinstancearn|accesspointnetworkorigin|accesspointtag\/|buckettag\/|dataaccesspoint|existingjob|existingobjecttag\/|jobtag)/;

/** The condition keys of a call. Service authorization reference, "Condition keys for Amazon S3" */
export function conditionKeys({ operation, input, request }: Pick<Call, "operation" | "input" | "request">): Context {
  const { headers } = request;
  const header = (name: string) => (typeof headers[name] === "string" ? headers[name] : undefined);
  const query = new URLSearchParams(request.query);
  const ofList = (name: string) => (operation.startsWith("List") ? (query.get(name) ?? undefined) : undefined);
  const copied = textOf(input["CopySource"]);
  const tags = new URLSearchParams(header("x-amz-tagging") ?? "");
  const named = keys({
    ...Object.fromEntries(OF_HEADERS.map((name) => [`s3:${name}`, header(name)])),
    "s3:x-amz-acl": header("x-amz-acl") ?? textOf(input["ACL"]),
    "s3:x-amz-copy-source": copied === undefined ? undefined : sourcePath(copied),
    "s3:prefix": ofList("prefix"),
    "s3:delimiter": ofList("delimiter"),
    "s3:max-keys": ofList("max-keys"),
    "s3:versionid": textOf(input["VersionId"]),
    "s3:object-lock-mode": header("x-amz-object-lock-mode"),
    "s3:object-lock-retain-until-date": header("x-amz-object-lock-retain-until-date"),
    "s3:object-lock-legal-hold": header("x-amz-object-lock-legal-hold"),
    "s3:requestobjecttagkeys": [...tags.keys()],
    "s3:authtype": authType(operation, headers.authorization, query),
    "s3:signatureversion": "AWS4-HMAC-SHA256",
    "s3:locationconstraint": locationOf(operation, request.body),
    // As aws:SecureTransport is true on loopback.
    "s3:tlsversion": "1.3",
    "s3:resourceaccount": account.id,
    "aws:referer": header("referer"),
    ...(operation !== "CreateBucket" && { "aws:tagkeys": [] }),
  });
  return (key) => {
    // A form has its tags as XML, whose keys are not read.
    if (key.startsWith("s3:requestobjecttag") && textOf(input["Tagging"]) !== undefined) return undefined;
    if (key.startsWith("s3:requestobjecttag/")) return tagNamed(tags, key.slice("s3:requestobjecttag/".length));
    // Buckets take part in access by tags only where that was switched on, which is not served here.
    if (ABSENT.test(key) || key.startsWith("aws:resourcetag/")) return [];
    return named(key);
  };
}

function tagNamed(tags: URLSearchParams, name: string): readonly string[] {
  const found = [...tags].find(([key]) => key.toLowerCase() === name);
  return found ? [found[1]] : [];
}

/** `bucket/key`, as policies write it. */
function sourcePath(copied: string): string {
  const { bucket, key } = copySourceOf(copied);
  return encodedPath(`${bucket}/${key}`);
}

function authType(operation: string, authorization: string | undefined, query: URLSearchParams): string | undefined {
  if (operation === "PostObject") return "POST";
  if (authorization !== undefined) return "REST-HEADER";
  return query.has("X-Amz-Signature") ? "REST-QUERY-STRING" : undefined;
}

function locationOf(operation: string, body: Buffer): string | undefined {
  if (operation !== "CreateBucket") return undefined;
  return /<LocationConstraint[^<>]*>([^<]*)</.exec(body.toString())?.[1];
}
