import { access, type Access } from "../../iam/access.ts";
import type { Context } from "../../iam/evaluator/context.ts";
import { isRecord, textOf } from "../../shared/json.ts";
import type { Call } from "../call.ts";
import { conditionKeys } from "./condition-keys.ts";
import { bucketParts, objectParts, type SubResource } from "./request/sub-resources.ts";
import { copySourceOf } from "./request/target.ts";

type Read = Pick<Call, "operation" | "input" | "request">;

/** What a call of S3 needs. S3 user guide, "Required permissions for Amazon S3 API operations" */
export function s3Accesses(call: Read): readonly Access[] | "open" {
  const { operation, input } = call;
  if (operation === "Preflight") return "open";
  const context = conditionKeys(call);
  if (operation === "ListBuckets") return [access("s3:ListAllMyBuckets", "*", context)];
  const bucket = `arn:aws:s3:::${textOf(input["Bucket"]) ?? ""}`;
  const key = textOf(input["Key"]);
  if (key !== undefined) return objectAccesses(call, `${bucket}/${key}`, context);
  if (operation === "DeleteObjects") return deletions(call, bucket, context);
  const action = BUCKET_ACTIONS[operation] ?? partAction(bucketParts, operation);
  if (action === undefined) return [];
  const besides = operation === "CreateBucket" ? creationActions(call) : [];
  return [action, ...besides].map((it) => access(`s3:${it}`, bucket, context));
}

const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  CreateBucket: "CreateBucket",
  DeleteBucket: "DeleteBucket",
  HeadBucket: "ListBucket",
  ListMultipartUploads: "ListBucketMultipartUploads",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
};

/** The actions on the object itself; `Version` is put in where the call names one. */
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  AbortMultipartUpload: "AbortMultipartUpload",
  CompleteMultipartUpload: "PutObject",
  CopyObject: "PutObject",
  CreateMultipartUpload: "PutObject",
  DeleteObject: "DeleteObject",
  GetObject: "GetObject",
  HeadObject: "GetObject",
  ListParts: "ListMultipartUploadParts",
  PostObject: "PutObject",
  PutObject: "PutObject",
  RenameObject: "PutObject",
  RestoreObject: "RestoreObject",
  SelectObjectContent: "GetObject",
  UploadPart: "PutObject",
  UploadPartCopy: "PutObject",
};

/** Actions that a call asks for on one version where it names one. */
const OF_VERSIONS = /^(Get|Put|Delete)Object(Acl|Attributes|Tagging|Torrent)?$/;

function objectAccesses(call: Read, object: string, context: Context): Access[] {
  const { operation, input } = call;
  const version = textOf(input["VersionId"]);
  const ofVersion = (name: string) =>
    version === undefined || name === "PutObject" ? name : name.replace(OF_VERSIONS, "$1ObjectVersion$2");
  const action = OBJECT_ACTIONS[operation] ?? partAction(objectParts, operation);
  if (action === undefined) return [];
  const actions = [ofVersion(action)];
  if (operation === "GetObjectAttributes") actions.push(ofVersion("GetObject"));
  if (action === "PutObject" || action === "PutObjectRetention" || action === "DeleteObject")
    actions.push(...writeActions(call));
  return [...actions.map((it) => access(`s3:${it}`, object, context)), ...sourceAccesses(call, context)];
}

/** The objects that a call reads, or moves, besides the one that it writes. */
function sourceAccesses({ operation, input }: Read, context: Context): Access[] {
  const copied = textOf(input["CopySource"]);
  if (copied !== undefined && (operation === "CopyObject" || operation === "UploadPartCopy")) {
    const { bucket, key, versionId } = copySourceOf(copied);
    return [access(versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion", `arn:aws:s3:::${bucket}/${key}`, context)];
  }
  const renamed = textOf(input["RenameSource"]);
  if (renamed === undefined) return [];
  const source = `arn:aws:s3:::${textOf(input["Bucket"]) ?? ""}/${renamed}`;
  return [access("s3:GetObject", source, context), access("s3:DeleteObject", source, context)];
}

/** What a write asks for because of its headers or form. */
function writeActions({ operation, input, request: { headers } }: Read): string[] {
  const names = Object.keys(headers);
  // The parts of an upload take what its beginning was allowed.
  if (operation === "UploadPart" || operation === "CompleteMultipartUpload") return [];
  const bypasses = headers["x-amz-bypass-governance-retention"] === "true";
  if (operation === "DeleteObject" || operation === "PutObjectRetention") return bypasses ? ["BypassGovernanceRetention"] : [];
  return [
    ...(headers["x-amz-tagging"] || input["Tagging"] !== undefined ? ["PutObjectTagging"] : []),
    ...(namesGrants(names) || input["ACL"] !== undefined ? ["PutObjectAcl"] : []),
    ...(names.some((it) => /^x-amz-object-lock-(?:mode|retain)/.test(it)) ? ["PutObjectRetention"] : []),
    ...(names.includes("x-amz-object-lock-legal-hold") ? ["PutObjectLegalHold"] : []),
  ];
}

function creationActions({ request: { headers, body } }: Read): string[] {
  return [
    ...(namesGrants(Object.keys(headers)) ? ["PutBucketAcl"] : []),
    ...(headers["x-amz-bucket-object-lock-enabled"] === "true"
      ? ["PutBucketObjectLockConfiguration", "PutBucketVersioning"]
      : []),
    ...(headers["x-amz-object-ownership"] === undefined ? [] : ["PutBucketOwnershipControls"]),
    ...(/<Tags?>/.test(body.toString()) ? ["TagResource"] : []),
  ];
}

function namesGrants(headers: readonly string[]): boolean {
  return headers.some((name) => name === "x-amz-acl" || name.startsWith("x-amz-grant-"));
}

function deletions({ input, request: { headers } }: Read, bucket: string, context: Context): Access[] {
  const objects = isRecord(input["Delete"]) && Array.isArray(input["Delete"]["Objects"]) ? input["Delete"]["Objects"] : [];
  const bypass = headers["x-amz-bypass-governance-retention"] === "true" ? ["BypassGovernanceRetention"] : [];
  return objects.filter(isRecord).flatMap(({ Key, VersionId }) => {
    const action = VersionId === undefined ? "DeleteObject" : "DeleteObjectVersion";
    return [action, ...bypass].map((it) => access(`s3:${it}`, `${bucket}/${textOf(Key) ?? ""}`, context));
  });
}

/** `PutBucketCORS` of DeleteBucketCors. */
function partAction(parts: ReadonlyMap<string, SubResource>, operation: string): string | undefined {
  const [, verb = "", name] = /^(Get|Put|Delete)(.+)$/.exec(operation) ?? [];
  const part = [...parts.values()].find((it) => it.name === name);
  if (part === undefined) return undefined;
  return `${verb === "Delete" && !part.deletedAsSuch ? "Put" : verb}${part.inActions}`;
}
