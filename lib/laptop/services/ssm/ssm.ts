import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { arn } from "../../shared/account.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { parseObject, readBody, sendJson } from "../../gateway/http.ts";
import { isRecord } from "../../shared/json.ts";

const BODY_LIMIT = 2 * 1_024 * 1_024;
const JSON_TYPE = "application/x-amz-json-1.1";
/** GetParametersByPath hands out at most 10 at a time (API reference). */
const PAGE_SIZE = 10;

/** A parameter as it is kept. */
export interface StoredParameter {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly version: number;
  /** Epoch seconds. */
  readonly modified: number;
}

/** The part of Systems Manager's Parameter Store that applications read their configuration by. */
export class ParameterStore {
  readonly #parameters = new Map<string, StoredParameter>();
  readonly #file: string | undefined;

  /** `file` keeps the parameters; absent, they live as long as the process. */
  constructor(file?: string) {
    this.#file = file;
    if (file === undefined || !existsSync(file)) return;
    const stored: unknown = JSON.parse(readFileSync(file, "utf8"));
    for (const entry of Array.isArray(stored) ? stored : []) if (isStored(entry)) this.#parameters.set(entry.name, entry);
  }

  get(name: string): StoredParameter | undefined {
    return this.#parameters.get(name);
  }

  /** Writes a parameter; its version goes up only where something changed. */
  put(name: string, value: string, type = "String"): StoredParameter {
    const known = this.#parameters.get(name);
    if (known && known.value === value && known.type === type) return known;
    const parameter = { name, type, value, version: (known?.version ?? 0) + 1, modified: Date.now() / 1_000 };
    this.#parameters.set(name, parameter);
    this.#save();
    return parameter;
  }

  delete(name: string): boolean {
    const deleted = this.#parameters.delete(name);
    if (deleted) this.#save();
    return deleted;
  }

  /** All parameters below a path, sorted by name; without `recursive` only those directly in it. */
  byPath(path: string, recursive: boolean): StoredParameter[] {
    const prefix = path.endsWith("/") ? path : `${path}/`;
    return [...this.#parameters.values()]
      .filter(({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes("/")))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Answers one call; `target` is its X-Amz-Target. */
  async handle(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const input = parseObject(await readBody(request, BODY_LIMIT));
    const operation = target.slice(target.indexOf(".") + 1);
    sendJson(response, 200, this.#answer(operation, input), JSON_TYPE);
  }

  #answer(operation: string, input: Record<string, unknown>): unknown {
    switch (operation) {
      case "GetParameter":
        return { Parameter: described(this.#existing(text(input, "Name"))) };
      case "GetParameters":
        return this.#getParameters(input["Names"]);
      case "GetParametersByPath":
        return this.#getByPath(input);
      case "PutParameter":
        return this.#putParameter(input);
      case "DeleteParameter":
        this.delete(this.#existing(text(input, "Name")).name);
        return {};
      default:
        throw new AwsError("UnknownOperationException", `The laptop cloud's Parameter Store has no ${operation}.`);
    }
  }

  #existing(nameOrArn: string): StoredParameter {
    const name = nameOrArn.startsWith("arn:")
      ? nameOrArn.slice(nameOrArn.indexOf(":parameter") + ":parameter".length)
      : nameOrArn;
    const parameter = this.#parameters.get(name) ?? this.#parameters.get(name.replace(/^\//, ""));
    if (!parameter) throw new AwsError("ParameterNotFound", `Parameter ${name} not found.`);
    return parameter;
  }

  #getParameters(names: unknown): unknown {
    const asked = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
    return {
      Parameters: asked.flatMap((name) => this.#parameters.get(name) ?? []).map(described),
      InvalidParameters: asked.filter((name) => !this.#parameters.has(name)),
    };
  }

  #getByPath(input: Record<string, unknown>): unknown {
    const all = this.byPath(text(input, "Path"), input["Recursive"] === true);
    const { NextToken: token = "0", MaxResults: size = PAGE_SIZE } = input;
    if (typeof token !== "string" || !/^\d{1,9}$/.test(token))
      throw new AwsError("InvalidNextToken", "The specified token is not valid.");
    if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > PAGE_SIZE)
      throw new AwsError("ValidationException", `MaxResults is no whole number from 1 to ${PAGE_SIZE}.`);
    const start = Number(token);
    const more = start + size < all.length ? { NextToken: String(start + size) } : {};
    return { Parameters: all.slice(start, start + size).map(described), ...more };
  }

  #putParameter(input: Record<string, unknown>): unknown {
    const name = text(input, "Name");
    const known = this.#parameters.get(name);
    if (known && input["Overwrite"] !== true) {
      throw new AwsError("ParameterAlreadyExists", `The parameter ${name} already exists. To overwrite it, set Overwrite.`);
    }
    const type = typeof input["Type"] === "string" ? input["Type"] : (known?.type ?? "String");
    return { Version: this.put(name, text(input, "Value"), type).version, Tier: "Standard" };
  }

  /** Written beside and moved into place, so that a crash leaves the old file or the new one. */
  #save(): void {
    if (this.#file === undefined) return;
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#parameters.values()], null, 2));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function described({ name, type, value, version, modified }: StoredParameter): unknown {
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: modified,
    ARN: arn("ssm", `parameter/${name.replace(/^\//, "")}`),
    DataType: "text",
  };
}

function text(input: Record<string, unknown>, member: string): string {
  const value = input[member];
  if (typeof value === "string") return value;
  throw new AwsError("ValidationException", `${member} is missing.`);
}

function isStored(value: unknown): value is StoredParameter {
  return isRecord(value) && typeof value["name"] === "string" && typeof value["value"] === "string";
}
