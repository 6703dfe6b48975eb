import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { CloudError } from "../shared/errors.ts";
import type { Policies } from "./policies.ts";
import { administrator, type Principal, type RoleSession, roleSession } from "./evaluator/principal.ts";

/** What an AWS client signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Nothing on loopback checks a signature: the access key alone says who calls. */
const SECRET = "local";

/** Name of the session of somebody who calls as a role without being a function. */
const SESSION = "local";

/** The access key of a function, or of a role, by its ARN. */
export function accessKeyOf(arn: string): string {
  return `LKIA${createHash("sha256").update(arn).digest("hex").slice(0, 16).toUpperCase()}`;
}

/** Who is behind each access key. */
export class Callers {
  readonly #principals = new Map<string, RoleSession>();
  readonly #arns = new Map<string, string>();

  /** @param functions name and ARN of each function, and the role that it runs as */
  constructor(policies: Policies, functions: readonly { name: string; arn: string; role: string }[]) {
    for (const { arn, tags } of policies.roles.values()) {
      this.#principals.set(accessKeyOf(arn), roleSession(arn, SESSION, tags));
      this.#arns.set(arn, arn).set(arn.slice(arn.lastIndexOf("/") + 1), arn);
    }
    for (const { name, arn, role } of functions) {
      this.#principals.set(accessKeyOf(arn), roleSession(role || arn, name, policies.roles.get(role)?.tags));
      this.#arns.set(name, arn).set(arn, arn);
    }
  }

  /** The ARN of the role behind each access key. */
  get roles(): ReadonlyMap<string, string> {
    return new Map([...this.#principals].map(([key, { arn }]) => [key, arn]));
  }

  /** Who sends a request: by its access key a function or a role; with any other key, or none, the account's administrator. */
  ofRequest({ headers: { authorization }, url = "" }: IncomingMessage): Principal {
    const key = /Credential=([^/]+)\//.exec(authorization ?? "")?.[1] ?? presignedKey(url);
    return (key === undefined ? undefined : this.#principals.get(key)) ?? administrator;
  }

  /** Credentials to call as a role or as a function. @throws CloudError where there is none of that name or ARN. */
  credentialsOf(nameOrArn: string): Credentials {
    return { accessKeyId: this.#keyOf(nameOrArn), secretAccessKey: SECRET };
  }

  /** The function or role of a name or ARN. @throws CloudError where there is none. */
  named(nameOrArn: string): Principal {
    return this.#principals.get(this.#keyOf(nameOrArn)) ?? administrator;
  }

  #keyOf(nameOrArn: string): string {
    const arn = this.#arns.get(nameOrArn);
    if (arn !== undefined) return accessKeyOf(arn);
    throw new CloudError(`There is no function or role ${nameOrArn}. There are: ${[...this.#arns.keys()].join(", ")}.`);
  }
}

/** A presigned URL has its access key in the query, its slashes encoded. */
function presignedKey(url: string): string | undefined {
  return url.includes("X-Amz-Credential=") ? /X-Amz-Credential=([^&%/]+)/.exec(url)?.[1] : undefined;
}
