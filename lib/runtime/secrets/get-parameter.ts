import { jitteredPause } from "../concurrency.ts";
import { requireVariable } from "../lambda/config.ts";
import { environmentCredentials } from "../lambda/environment-credentials.ts";
import { signedHeaders } from "../lambda/signature.ts";

/** Reads a parameter's decrypted value from the Parameter Store. @throws Error that names the parameter and AWS's reason */
export type GetParameter = (name: string, signal: AbortSignal) => Promise<string>;

/** Attempts at a call that failed through no fault of the caller, and the longest wait before the second, in milliseconds. */
const ATTEMPTS = 3;
const BACKOFF_MILLISECONDS = 50;

/**
 * SSM's GetParameter with decryption. The SDK's SSM client would add 78 KB to a bundle, the classes of its 200 errors alone 40:
 * docs/decisions/secrets.md.
 */
export const getParameter: GetParameter = async (name, signal) => {
  for (let attempt = 1; ; attempt++) {
    const answer = await call(name, signal).catch((error: unknown) => ({ transient: true, reason: String(error) }));
    if ("value" in answer) return answer.value;
    if (!answer.transient || attempt === ATTEMPTS || signal.aborted) {
      throw new Error(`the SSM parameter ${name} could not be read: ${answer.reason}`);
    }
    await jitteredPause(BACKOFF_MILLISECONDS * 2 ** (attempt - 1));
  }
};

type Answer = { readonly value: string } | { readonly transient: boolean; readonly reason: string };

async function call(name: string, signal: AbortSignal): Promise<Answer> {
  const region = requireVariable("AWS_REGION");
  const endpoint = endpointOf(region);
  const body = JSON.stringify({ Name: name, WithDecryption: true });
  const headers = {
    host: endpoint.host,
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AmazonSSM.GetParameter",
  };
  const { host: _, ...signed } = signedHeaders(
    { service: "ssm", region, headers, body, time: new Date() },
    environmentCredentials(),
  );
  const response = await fetch(endpoint, { method: "POST", headers: signed, body, signal });
  const content: unknown = await response.json().catch(() => undefined);
  const value = response.status === 200 ? valueIn(content) : undefined;
  if (value !== undefined) return { value };
  const reason = reasonIn(content) ?? `HTTP ${response.status}`;
  return { transient: response.status >= 500 || reason.startsWith("ThrottlingException"), reason };
}

/** As the SDKs choose it: SDKs and Tools Reference Guide, "Service-specific endpoints". */
function endpointOf(region: string): URL {
  const given = process.env["AWS_ENDPOINT_URL_SSM"] ?? process.env["AWS_ENDPOINT_URL"];
  return new URL(given ?? `https://ssm.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`);
}

function valueIn(content: unknown): string | undefined {
  const parameter = member(content, "Parameter");
  const value = member(parameter, "Value");
  return typeof value === "string" ? value : undefined;
}

/** The error's name and message. SSM's messages hold names of parameters and callers, and no value. */
function reasonIn(content: unknown): string | undefined {
  const type = member(content, "__type");
  if (typeof type !== "string") return undefined;
  const message = member(content, "message") ?? member(content, "Message");
  const name = type.slice(type.lastIndexOf("#") + 1);
  return typeof message === "string" ? `${name}: ${message}` : name;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
