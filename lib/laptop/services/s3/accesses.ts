import { access, keys, type Access } from "../../iam/access.ts";
import type { Call, WireRequest } from "../call.ts";
import type { Context } from "../../iam/evaluator/context.ts";

/** S3's REST API, with the bucket in the host or in the path. S3 user guide, "Required permissions for Amazon S3 API operations" */
export function s3Access({ request: call }: Pick<Call, "request">): Access[] {
  const { bucket, key, query } = targetOf(call);
  const context = keysOf(call, query);
  if (bucket === "") return [access("s3:ListAllMyBuckets", "*", context)];
  const bucketArn = `arn:aws:s3:::${bucket}`;
  if (key === "") return bucketAccess(call, query, bucketArn, context);
  const object = access(`s3:${objectAction(call.method, query)}`, `${bucketArn}/${key}`, context);
  const source = copySource(call);
  return source === undefined ? [object] : [object, access("s3:GetObject", `arn:aws:s3:::${source}`, context)];
}

function targetOf({ path, query, headers }: WireRequest): { bucket: string; key: string; query: URLSearchParams } {
  const plain = decoded(path.slice(1));
  const ofHost = /^(.+?)\.(?:s3[\w-]*\.)?localhost(?::\d+)?$/i.exec(headers.host ?? "")?.[1];
  const slash = plain.indexOf("/");
  const [bucket, key] =
    ofHost !== undefined && !/^s3[\w-]*$/i.test(ofHost)
      ? [ofHost, plain]
      : slash < 0
        ? [plain, ""]
        : [plain.slice(0, slash), plain.slice(slash + 1)];
  return { bucket, key, query: new URLSearchParams(query) };
}

/** A sub-resource of a bucket or object, with the name that actions have for it. */
const BUCKET_PARTS = {
  lifecycle: "LifecycleConfiguration",
  notification: "BucketNotification",
  policy: "BucketPolicy",
  versioning: "BucketVersioning",
  location: "BucketLocation",
  tagging: "BucketTagging",
  cors: "BucketCORS",
  encryption: "EncryptionConfiguration",
};
const OBJECT_PARTS = { tagging: "ObjectTagging", acl: "ObjectAcl", attributes: "ObjectAttributes" };

function bucketAccess({ method, body }: WireRequest, query: URLSearchParams, bucketArn: string, context: Context): Access[] {
  if (method === "POST" && query.has("delete")) {
    const objects = [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => key);
    return objects.map((key) => access("s3:DeleteObject", `${bucketArn}/${key}`, context));
  }
  const part = Object.entries(BUCKET_PARTS).find(([name]) => query.has(name))?.[1];
  // What is deleted of a bucket is changed of it: there is no action s3:DeleteLifecycleConfiguration.
  if (part !== undefined) return [access(`s3:${method === "GET" ? "Get" : "Put"}${part}`, bucketArn, context)];
  return [access(`s3:${bucketAction(method, query)}`, bucketArn, context)];
}

function bucketAction(method: string, query: URLSearchParams): string {
  if (method === "PUT") return "CreateBucket";
  if (method === "DELETE") return "DeleteBucket";
  if (query.has("uploads")) return "ListBucketMultipartUploads";
  return query.has("versions") ? "ListBucketVersions" : "ListBucket";
}

function objectAction(method: string, query: URLSearchParams): string {
  const part = Object.entries(OBJECT_PARTS).find(([name]) => query.has(name))?.[1];
  const version = query.has("versionId") ? "Version" : "";
  switch (method) {
    case "PUT":
      return part === undefined ? "PutObject" : `Put${part}`;
    case "DELETE":
      if (query.has("uploadId")) return "AbortMultipartUpload";
      return part === undefined ? `DeleteObject${version}` : `Delete${part}`;
    case "POST":
      return "PutObject";
    default:
      if (query.has("uploadId")) return "ListMultipartUploadParts";
      return part === undefined ? `GetObject${version}` : `Get${part}`;
  }
}

/** `bucket/key` of the object that is copied. */
function copySource({ headers }: WireRequest): string | undefined {
  const source = headers["x-amz-copy-source"];
  return typeof source === "string" ? decoded(source.replace(/^\//, "").split("?", 1)[0] ?? "") : undefined;
}

function keysOf({ headers }: WireRequest, query: URLSearchParams): Context {
  const header = (name: string) => (typeof headers[name] === "string" ? headers[name] : undefined);
  return keys({
    "s3:prefix": query.get("prefix") ?? undefined,
    "s3:delimiter": query.get("delimiter") ?? undefined,
    "s3:max-keys": query.get("max-keys") ?? undefined,
    "s3:x-amz-acl": header("x-amz-acl"),
    "s3:x-amz-server-side-encryption": header("x-amz-server-side-encryption"),
    "s3:x-amz-storage-class": header("x-amz-storage-class"),
  });
}

/** A path that cannot be decoded names nothing; S3 refuses it later. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
