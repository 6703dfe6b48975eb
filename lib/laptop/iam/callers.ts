import { createHash } from "node:crypto";
import { CloudError } from "../shared/errors.ts";
import { administrator, type Principal, type RoleSession, roleSession } from "./evaluator/principal.ts";
import type { Policies } from "./policies.ts";

/** What an AWS client signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A function and the role that it runs as. */
export interface CallingFunction {
  readonly name: string;
  readonly arn: string;
  /** ARN; empty where the template names none. */
  readonly role: string;
}

/** Where a request says who has signed it: in a header, or in its query. */
export interface SignedRequest {
  readonly headers: { readonly authorization?: string | undefined; readonly "content-type"?: string | undefined };
  readonly query: string;
  readonly body: Buffer;
}

/** Nothing on loopback checks a signature: the access key alone says who calls. */
const SECRET = "local";

/** Name of the session of somebody who calls as a role without being a function. */
const SESSION = "local";

/** The access key of a function, or of a role, by its ARN. */
export function accessKeyOf(arn: string): string {
  return `LKIA${createHash("sha256").update(arn).digest("hex").slice(0, 16).toUpperCase()}`;
}

/** The fields of a form that uploads to S3, in bytes (S3 user guide, "Browser-based uploads using POST"). */
const LONGEST_FORM_HEAD = 20_000;

/** Who is behind each access key. */
export class Callers {
  readonly #policies: Policies;
  readonly #functions = new Map<string, CallingFunction>();
  #known: KnownCallers | undefined;

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  /** Gives a function credentials that stand for its role. */
  add(calling: CallingFunction): Credentials {
    this.#functions.set(calling.arn, calling);
    this.#known = undefined;
    return { accessKeyId: accessKeyOf(calling.arn), secretAccessKey: SECRET };
  }

  /** Whether an ARN is that of a function that has credentials. */
  isFunction(arn: string): boolean {
    return this.#functions.has(arn);
  }

  /** The ARN of the role behind each access key. */
  get roles(): ReadonlyMap<string, string> {
    return new Map([...this.#callers.byKey].map(([key, { arn }]) => [key, arn]));
  }

  /** Who sends a request: by its access key a function or a role; with any other key, or none, the account's administrator. */
  ofRequest({ headers, query, body }: SignedRequest): Principal {
    const { authorization = "", "content-type": type } = headers;
    const key = /Credential=([^/=]+)\//.exec(authorization)?.[1] ?? presignedKey(query) ?? formKey(type, body);
    return (key === undefined ? undefined : this.#callers.byKey.get(key)) ?? administrator;
  }

  /** Credentials to call as a role or as a function. @throws CloudError where there is none of that name or ARN. */
  credentialsOf(nameOrArn: string): Credentials {
    return { accessKeyId: this.#keyOf(nameOrArn), secretAccessKey: SECRET };
  }

  /** The function or role of a name or ARN. @throws CloudError where there is none. */
  named(nameOrArn: string): Principal {
    return this.#callers.byKey.get(this.#keyOf(nameOrArn)) ?? administrator;
  }

  #keyOf(nameOrArn: string): string {
    const { arns } = this.#callers;
    const arn = arns.get(nameOrArn);
    if (arn !== undefined) return accessKeyOf(arn);
    throw new CloudError(`There is no function or role ${nameOrArn}. There are: ${[...arns.keys()].join(", ")}.`);
  }

  get #callers(): KnownCallers {
    if (this.#known?.roles !== this.#policies.roles.size) this.#known = knownCallers(this.#policies, this.#functions.values());
    return this.#known;
  }
}

interface KnownCallers {
  readonly byKey: ReadonlyMap<string, RoleSession>;
  /** By name and by ARN. */
  readonly arns: ReadonlyMap<string, string>;
  /** How many roles there were. */
  readonly roles: number;
}

function knownCallers({ roles }: Policies, functions: Iterable<CallingFunction>): KnownCallers {
  const byKey = new Map<string, RoleSession>();
  const arns = new Map<string, string>();
  for (const { arn, tags } of roles.values()) {
    byKey.set(accessKeyOf(arn), roleSession(arn, SESSION, tags));
    arns.set(arn, arn).set(arn.slice(arn.lastIndexOf("/") + 1), arn);
  }
  for (const { name, arn, role } of functions) {
    byKey.set(accessKeyOf(arn), roleSession(role || arn, name, roles.get(role)?.tags, arn));
    arns.set(name, arn).set(arn, arn);
  }
  return { byKey, arns, roles: roles.size };
}

/** A presigned request has its access key in the query, its slashes encoded. */
function presignedKey(query: string): string | undefined {
  return query.includes("X-Amz-Credential=") ? /X-Amz-Credential=([^&%/]+)/.exec(query)?.[1] : undefined;
}

/** A form that uploads to S3 has its access key in a field before the file. */
function formKey(contentType: string | undefined, body: Buffer): string | undefined {
  if (!contentType?.startsWith("multipart/form-data")) return undefined;
  const head = body.toString("latin1", 0, LONGEST_FORM_HEAD);
  return /name="x-amz-credential"\r\n(?:[^\r\n]+\r\n)*\r\n([^/\r\n]+)\//i.exec(head)?.[1];
}
