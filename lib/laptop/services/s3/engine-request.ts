import { randomUUID } from "node:crypto";
import { isRecord, textOf } from "../../shared/json.ts";
import type { Call, WireRequest } from "../call.ts";
import { deletionXml, isQuiet } from "./request/deletions.ts";
import { readUploadForm, uploadFormBody } from "./request/form.ts";
import { copySourceOf, encodedPath } from "./request/target.ts";

/** The operations that the engine carries out; it takes a sub-resource that it does not know for the bucket or object itself. */
export const engineOperations: ReadonlySet<string> = new Set([
  "AbortMultipartUpload",
  "CompleteMultipartUpload",
  "CopyObject",
  "CreateBucket",
  "CreateMultipartUpload",
  "DeleteBucket",
  "DeleteBucketLifecycleConfiguration",
  "DeleteObject",
  "DeleteObjects",
  "GetBucketLifecycleConfiguration",
  "GetObject",
  "GetObjectAttributes",
  "HeadBucket",
  "HeadObject",
  "ListBuckets",
  "ListObjects",
  "ListObjectsV2",
  "PostObject",
  "PutBucketLifecycleConfiguration",
  "PutObject",
  "RenameObject",
  "UploadPart",
  "UploadPartCopy",
]);

/**
 * The request as the engine gets it: what IAM has decided on, written out plainly, so that the engine cannot read another bucket, key or
 * operation in it.
 */
export function engineRequest({ operation, input, request }: Pick<Call, "operation" | "input" | "request">): WireRequest {
  const headers = { ...request.headers, host: "127.0.0.1" };
  const [bucket, key] = [textOf(input["Bucket"]), textOf(input["Key"])];
  const isObject = key !== undefined && operation !== "PostObject";
  const path = bucket === undefined ? "/" : `/${encodedPath(bucket)}${isObject ? `/${encodedPath(key)}` : ""}`;
  const plain = { ...request, path, query: plainQuery(request.query), headers };
  const copied = textOf(input["CopySource"]);
  if (copied !== undefined) {
    const source = copySourceOf(copied);
    return { ...plain, headers: { ...headers, "x-amz-copy-source": `/${encodedPath(`${source.bucket}/${source.key}`)}` } };
  }
  const renamed = textOf(input["RenameSource"]);
  if (renamed !== undefined) return { ...plain, headers: { ...headers, "x-amz-rename-source": `/${encodedPath(renamed)}` } };
  if (operation === "DeleteObjects") return { ...plain, body: Buffer.from(deletionXml(keysOf(input), isQuiet(request.body))) };
  if (operation !== "PostObject") return plain;
  const boundary = randomUUID();
  return {
    ...plain,
    headers: { ...headers, "content-type": `multipart/form-data; boundary=${boundary}` },
    body: uploadFormBody(readUploadForm(request), boundary),
  };
}

/** Each parameter once: of several, one reader would take the first and another all. */
function plainQuery(query: string): string {
  const first = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) if (!first.has(name)) first.set(name, value);
  return new URLSearchParams([...first]).toString();
}

function keysOf({ Delete: wanted }: Call["input"]): { Key: string }[] {
  const objects = isRecord(wanted) && Array.isArray(wanted["Objects"]) ? wanted["Objects"] : [];
  return objects.filter(isRecord).map(({ Key }) => ({ Key: textOf(Key) ?? "" }));
}
