import type { Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import type { Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { jsonProtocol } from "../protocols/json-protocol.ts";
import type { Output, Service } from "../service.ts";
import { ssmAccess } from "./accesses.ts";
import { parseParameterName } from "./parameter-name.ts";
import { ParameterStore, type StoredParameter } from "./parameter-store.ts";
import { encrypted, keyAccess, parameterArn } from "./secure-string.ts";
import { crossRegionReader, crossRegionWriter, parameter } from "./resources.ts";

const TARGET = "AmazonSSM.";
/** GetParametersByPath hands out at most 10 at a time (API reference). */
const PAGE_SIZE = 10;

/** The type of a parameter whose value is encrypted. */
const SECURE = "SecureString";

const PROTOCOL = jsonProtocol({ version: "1.1", targetPrefix: TARGET });

/** The part of Systems Manager that applications read their configuration from: the Parameter Store. */
export class SsmService implements Service {
  readonly name = "ssm";
  readonly address = { targets: [TARGET] };
  readonly bodyLimit = 2 * 1_024 * 1_024;
  readonly store: ParameterStore;
  readonly resources: Service["resources"];

  /** `given` are parameters by the user, by name; `secrets` those that are SecureStrings. */
  constructor({ folder }: CloudContext, given: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>>) {
    this.store = new ParameterStore(folder?.path("parameters.json"));
    for (const [name, value] of Object.entries(given)) this.store.put(name, value);
    for (const [name, value] of Object.entries(secrets)) this.store.put(name, value, SECURE);
    this.resources = {
      "AWS::SSM::Parameter": (resource) => parameter(resource, this.store, given),
      "Custom::CrossRegionExportWriter": (resource) => crossRegionWriter(resource, this.store),
      "Custom::CrossRegionExportReader": crossRegionReader,
    };
  }

  protocol(): typeof PROTOCOL {
    return PROTOCOL;
  }

  handle({ operation, input }: Call): Output {
    const described = (parameter: StoredParameter) => describe(parameter, input["WithDecryption"] === true);
    switch (operation) {
      case "GetParameter":
        return { Parameter: described(this.#existing(text(input, "Name"))) };
      case "GetParameters":
        return this.#getParameters(input["Names"], described);
      case "GetParametersByPath":
        return this.#getByPath(input, described);
      case "PutParameter":
        return this.#putParameter(input);
      case "DeleteParameter":
        this.store.delete(this.#existing(text(input, "Name")).name);
        return {};
      default:
        throw new AwsError("UnknownOperationException", `The laptop cloud's Parameter Store has no ${operation}.`);
    }
  }

  accesses(call: Call): readonly Access[] {
    return [...ssmAccess(call), ...this.#keyAccesses(call)];
  }

  /** What a call asks of the keys of SecureStrings. */
  #keyAccesses({ operation, input }: Call): Access[] {
    if (operation === "PutParameter" && input["Type"] === SECURE) {
      return keyAccess("kms:Encrypt", text(input, "Name"), typeof input["KeyId"] === "string" ? input["KeyId"] : undefined);
    }
    if (input["WithDecryption"] !== true) return [];
    return this.#read(input).flatMap(({ type, name, keyId }) => (type === SECURE ? keyAccess("kms:Decrypt", name, keyId) : []));
  }

  /** The parameters that a call reads. */
  #read({ Name: name, Names: names, Path: path, Recursive: recursive }: Call["input"]): StoredParameter[] {
    if (typeof path === "string") return this.store.byPath(path, recursive === true);
    const named: unknown[] = Array.isArray(names) ? names : [name];
    return named.flatMap((it) => (typeof it === "string" ? (this.#find(it) ?? []) : []));
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDeniedException", refusalMessage(refused));
  }

  throttled(message: string): AwsError {
    return new AwsError("ThrottlingException", message);
  }

  #existing(reference: string): StoredParameter {
    const parameter = this.#find(reference);
    if (!parameter) throw new AwsError("ParameterNotFound", `Parameter ${parseParameterName(reference).name} not found.`);
    return parameter;
  }

  /** Of the latest version alone: earlier ones are not kept, and there are no labels. */
  #find(reference: string): StoredParameter | undefined {
    const { name, selector } = parseParameterName(reference);
    const parameter = this.store.get(name) ?? this.store.get(name.replace(/^\//, ""));
    return selector === undefined || selector === String(parameter?.version) ? parameter : undefined;
  }

  #getParameters(names: unknown, described: Describe): Output {
    const asked = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
    return {
      Parameters: asked.flatMap((name) => this.#find(name) ?? []).map(described),
      InvalidParameters: asked.filter((name) => !this.#find(name)),
    };
  }

  #getByPath(input: Call["input"], described: Describe): Output {
    const all = this.store.byPath(text(input, "Path"), input["Recursive"] === true);
    const { NextToken: token = "0", MaxResults: size = PAGE_SIZE } = input;
    if (typeof token !== "string" || !/^\d{1,9}$/.test(token))
      throw new AwsError("InvalidNextToken", "The specified token is not valid.");
    if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > PAGE_SIZE)
      throw new AwsError("ValidationException", `MaxResults is no whole number from 1 to ${PAGE_SIZE}.`);
    const start = Number(token);
    const more = start + size < all.length ? { NextToken: String(start + size) } : {};
    return { Parameters: all.slice(start, start + size).map(described), ...more };
  }

  #putParameter(input: Call["input"]): Output {
    const name = text(input, "Name");
    const known = this.store.get(name);
    if (known && input["Overwrite"] !== true) {
      throw new AwsError("ParameterAlreadyExists", `The parameter ${name} already exists. To overwrite it, set Overwrite.`);
    }
    const type = typeof input["Type"] === "string" ? input["Type"] : (known?.type ?? "String");
    const keyId = type === SECURE && typeof input["KeyId"] === "string" ? input["KeyId"] : undefined;
    return { Version: this.store.put(name, text(input, "Value"), type, keyId).version, Tier: "Standard" };
  }
}

type Describe = (parameter: StoredParameter) => unknown;

function describe(parameter: StoredParameter, decrypt: boolean): unknown {
  const { name, type, value, version, modified } = parameter;
  return {
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: modified,
    ARN: parameterArn(name),
    DataType: "text",
    ...(type === SECURE && encrypted(parameter, decrypt)),
  };
}

function text(input: Call["input"], member: string): string {
  const value = input[member];
  if (typeof value === "string") return value;
  throw new AwsError("ValidationException", `${member} is missing.`);
}
