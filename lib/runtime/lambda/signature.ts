import { createHmac, hash } from "node:crypto";

/** A POST to an AWS service, still to be signed. */
export interface UnsignedCall {
  /** The service's name in signatures: `ssm`. */
  readonly service: string;
  readonly region: string;
  /** Without characters that would have to be encoded. @default "/" */
  readonly path?: string;
  /** `host` included; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly time: Date;
}

/** A caller's credentials, as Lambda passes them to a function. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** The call's headers with Signature Version 4. IAM User Guide, "Create a signed AWS API request" */
export function signedHeaders(
  { service, region, path = "/", headers, body, time }: UnsignedCall,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Record<string, string> {
  const timestamp = time.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const scope = [timestamp.slice(0, 8), region, service, "aws4_request"];
  const all: Record<string, string> = {
    ...headers,
    "x-amz-date": timestamp,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(all).toSorted();
  const lines = names.map((name) => `${name}:${all[name]}`);
  const request = ["POST", path, "", ...lines, "", names.join(";"), hash("sha256", body)].join("\n");
  const toSign = [ALGORITHM, timestamp, scope.join("/"), hash("sha256", request)].join("\n");
  const key = scope.reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secretAccessKey}`);
  const credential = `${accessKeyId}/${scope.join("/")}`;
  const signature = hmac(key, toSign).toString("hex");
  return {
    ...all,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
