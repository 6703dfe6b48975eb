import { AwsError } from "../../../shared/aws-error.ts";
import type { WireRequest } from "../../call.ts";

/** The bucket and the key that a request names; empty where it names none. */
export interface S3Target {
  readonly bucket: string;
  readonly key: string;
}

/** `shop.s3.us-east-1.amazonaws.com`, `shop.s3.localhost:4566`, `shop.localhost`. */
const BUCKET_HOST = /^(.+?)\.(?:s3(?:[.-][\w.-]*)?\.)?(?:localhost|amazonaws\.com)(?::\d+)?$/i;

/** A name of DNS and a port: RFC 1035, section 2.3.4. */
const LONGEST_HOST = 260;

/** The host of S3 itself: `s3.us-east-1`. */
const OWN_HOST = /^s3(?:[.-][\w.-]*)?$/i;

/** Reads bucket and key, the bucket in the host or in the path. @throws AwsError (400) for a path that S3 cannot read */
export function targetOf({ path, headers }: Pick<WireRequest, "path" | "headers">): S3Target {
  const plain = decoded(path.slice(1));
  // One reader takes dot segments out on the way, and another does not.
  if (!path.startsWith("/") || plain.split("/").some((segment) => /^\.{1,2}$/.test(segment))) throw invalidUri();
  const ofHost = BUCKET_HOST.exec((headers.host ?? "").slice(-LONGEST_HOST))?.[1];
  if (ofHost !== undefined && !OWN_HOST.test(ofHost)) return { bucket: ofHost, key: plain };
  const slash = plain.indexOf("/");
  return slash < 0 ? { bucket: plain, key: "" } : { bucket: plain.slice(0, slash), key: plain.slice(slash + 1) };
}

/** The object that is copied, from the header x-amz-copy-source: `/bucket/key?versionId=7`, encoded. */
export interface CopySource extends S3Target {
  readonly versionId: string | undefined;
}

/** @throws AwsError (400) for a header that names no object */
export function copySourceOf(header: string): CopySource {
  const [, path = "", versionId] = /^\/?(.*?)(?:\?versionId=(.*))?$/s.exec(header) ?? [];
  const plain = decoded(path).replace(/^\//, "");
  const slash = plain.indexOf("/");
  if (slash < 1 || slash === plain.length - 1) throw new AwsError("InvalidArgument", "Invalid copy source object key");
  return { bucket: plain.slice(0, slash), key: plain.slice(slash + 1), versionId };
}

/** A path or key as a URL has it. */
export function encodedPath(text: string): string {
  return text.split("/").map(encodeURIComponent).join("/");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidUri();
  }
}

function invalidUri(): AwsError {
  return new AwsError("InvalidURI", "Couldn't parse the specified URI.");
}
