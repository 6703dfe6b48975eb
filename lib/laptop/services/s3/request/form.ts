import { AwsError } from "../../../shared/aws-error.ts";
import type { WireRequest } from "../../call.ts";

/** An object that a browser's form uploads. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
export interface UploadForm {
  /** With the name of the file in place of `${filename}`. */
  readonly key: string;
  /** The fields before the file, by name in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: Buffer;
}

export function isForm({ headers }: Pick<WireRequest, "headers">): boolean {
  return /^multipart\/form-data\b/i.test(headers["content-type"] ?? "");
}

/** Reads a form; what follows its file is ignored, as S3 does. @throws AwsError (400) where it has no key, no file, or no form */
export function readUploadForm({ headers, body }: Pick<WireRequest, "headers" | "body">): UploadForm {
  const [, quoted, plain] = /\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(headers["content-type"] ?? "") ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw malformed();
  const fields = new Map<string, string>();
  for (const { name, filename, content } of partsOf(body, boundary)) {
    if (name !== "file") {
      fields.set(name.toLowerCase(), content.toString());
      continue;
    }
    const key = fields.get("key");
    if (key === undefined || key === "") break;
    return { key: key.replaceAll("${filename}", filename), fields, file: content };
  }
  throw new AwsError(
    "InvalidArgument",
    "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
  );
}

interface Part {
  readonly name: string;
  /** Without the folders that a browser may send; empty where the part is not a file. */
  readonly filename: string;
  readonly content: Buffer;
}

/** RFC 7578; the delimiter is that of RFC 2046, section 5.1.1. */
function* partsOf(body: Buffer, boundary: string): Generator<Part> {
  const whole = Buffer.concat([Buffer.from("\r\n"), body]);
  const delimiter = `\r\n--${boundary}`;
  let start = whole.indexOf(delimiter);
  while (start >= 0) {
    const from = whole.indexOf("\r\n", start + delimiter.length);
    const end = whole.indexOf(delimiter, start + delimiter.length);
    if (from < 0 || end < 0) return;
    const headEnd = whole.indexOf("\r\n\r\n", from);
    if (headEnd < 0 || headEnd > end) throw malformed();
    const head = whole.toString("utf8", from, headEnd);
    const name = parameterOf(head, "name");
    if (name === undefined) throw malformed();
    const filename = parameterOf(head, "filename") ?? "";
    yield { name, filename: filename.replace(/^.*[/\\]/s, ""), content: whole.subarray(headEnd + 4, end) };
    start = end;
  }
}

function parameterOf(head: string, name: string): string | undefined {
  return new RegExp(`^content-disposition:[^\\r\\n]*;\\s*${name}="([^"\\r\\n]*)"`, "im").exec(head)?.[1];
}

/** The body of a form with these fields and this file. */
export function uploadFormBody({ fields, key, file }: UploadForm, boundary: string): Buffer {
  const parts = [...fields, ["key", key] as const].map(([name, value]) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${CASED.get(name) ?? name}"\r\n\r\n${value}\r\n`),
  );
  const head = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"\r\n\r\n`);
  return Buffer.concat([...parts, head, file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

/** Fields that the engine finds in this case alone. */
const CASED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "content-type": "Content-Type",
    "content-disposition": "Content-Disposition",
    "cache-control": "Cache-Control",
    "content-encoding": "Content-Encoding",
  }),
);

function malformed(): AwsError {
  return new AwsError("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.");
}
