import { textOf } from "../../../shared/json.ts";
import type { Operation, WireRequest } from "../../call.ts";
import { deletedObjects } from "./deletions.ts";
import { isForm, readUploadForm } from "./form.ts";
import { bucketParts, objectParts, type SubResource } from "./sub-resources.ts";
import { copySourceOf, targetOf } from "./target.ts";

/**
 * Reads a request of S3's REST API: which operation, on what. IAM and the engine both go by this reading.
 *
 * @returns an empty operation for a request that S3 does not have
 * @throws AwsError (400) for a request that cannot be read
 */
export function readOperation(request: WireRequest): Operation {
  const { method, headers } = request;
  const query = new URLSearchParams(request.query);
  const { bucket: Bucket, key: Key } = targetOf(request);
  if (method === "OPTIONS") return { operation: "Preflight", input: {} };
  if (Bucket === "") return { operation: method === "GET" && Key === "" ? "ListBuckets" : "", input: {} };
  if (Key === "") {
    const operation = bucketOperation(method, query, isForm(request));
    if (operation === "DeleteObjects")
      return { operation, input: { Bucket, Delete: { Objects: deletedObjects(request.body) } } };
    if (operation !== "PostObject") return { operation, input: { Bucket } };
    const { key, fields } = readUploadForm(request);
    return { operation, input: { Bucket, Key: key, Tagging: fields.get("tagging"), ACL: fields.get("acl") } };
  }
  const CopySource = textOf(headers["x-amz-copy-source"]);
  const operation = objectOperation(method, query, CopySource !== undefined);
  const renamed = textOf(headers["x-amz-rename-source"])?.replace(/^\//, "");
  return {
    operation,
    input: {
      Bucket,
      Key,
      VersionId: query.get("versionId") ?? undefined,
      CopySource,
      ...(operation === "RenameObject" && { RenameSource: copySourceOf(`${Bucket}/${renamed ?? ""}`).key }),
    },
  };
}

const VERBS: Readonly<Record<string, string>> = { GET: "Get", PUT: "Put", DELETE: "Delete" };

/** `GetBucketCors`: what is asked of a sub-resource; undefined where the request is about none. */
function partOperation(parts: ReadonlyMap<string, SubResource>, method: string, query: URLSearchParams): string | undefined {
  const part = [...query.keys()].map((name) => parts.get(name)).find((it) => it !== undefined);
  if (part === undefined) return undefined;
  const verb = VERBS[method];
  return verb === undefined ? "" : `${verb}${part.name}`;
}

function bucketOperation(method: string, query: URLSearchParams, form: boolean): string {
  const ofPart = partOperation(bucketParts, method, query);
  if (ofPart !== undefined) return ofPart;
  switch (method) {
    case "GET":
      if (query.has("uploads")) return "ListMultipartUploads";
      if (query.has("versions")) return "ListObjectVersions";
      return query.get("list-type") === "2" ? "ListObjectsV2" : "ListObjects";
    case "HEAD":
      return "HeadBucket";
    case "PUT":
      return "CreateBucket";
    case "DELETE":
      return "DeleteBucket";
    case "POST":
      return query.has("delete") ? "DeleteObjects" : form ? "PostObject" : "";
    default:
      return "";
  }
}

function objectOperation(method: string, query: URLSearchParams, copies: boolean): string {
  const ofPart = partOperation(objectParts, method, query);
  if (ofPart !== undefined) return ofPart;
  const ofUpload = Boolean(query.get("uploadId"));
  switch (method) {
    case "GET":
      return ofUpload ? "ListParts" : "GetObject";
    case "HEAD":
      return "HeadObject";
    case "PUT":
      if (query.has("renameObject")) return "RenameObject";
      if (ofUpload && query.get("partNumber")) return copies ? "UploadPartCopy" : "UploadPart";
      return copies ? "CopyObject" : "PutObject";
    case "DELETE":
      return ofUpload ? "AbortMultipartUpload" : "DeleteObject";
    case "POST":
      if (query.has("restore")) return "RestoreObject";
      if (query.has("select")) return "SelectObjectContent";
      if (query.has("uploads")) return "CreateMultipartUpload";
      return ofUpload ? "CompleteMultipartUpload" : "";
    default:
      return "";
  }
}
