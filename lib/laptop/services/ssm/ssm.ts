import type { Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { arn } from "../../shared/account.ts";
import { AwsError } from "../../shared/aws-error.ts";
import type { Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import { jsonProtocol } from "../protocols/json-protocol.ts";
import type { Output, Service } from "../service.ts";
import { ssmAccess } from "./accesses.ts";
import { parseParameterName } from "./parameter-name.ts";
import { ParameterStore, type StoredParameter } from "./parameter-store.ts";
import { crossRegionReader, crossRegionWriter, parameter } from "./resources.ts";

const TARGET = "AmazonSSM.";
/** GetParametersByPath hands out at most 10 at a time (API reference). */
const PAGE_SIZE = 10;

const PROTOCOL = jsonProtocol({ version: "1.1", targetPrefix: TARGET });

/** The part of Systems Manager that applications read their configuration from: the Parameter Store. */
export class SsmService implements Service {
  readonly name = "ssm";
  readonly address = { targets: [TARGET] };
  readonly bodyLimit = 2 * 1_024 * 1_024;
  readonly store: ParameterStore;
  readonly resources: Service["resources"];

  /** `given` are parameters by the user, by name. */
  constructor({ folder }: CloudContext, given: Readonly<Record<string, string>>) {
    this.store = new ParameterStore(folder?.path("parameters.json"));
    for (const [name, value] of Object.entries(given)) this.store.put(name, value);
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
        this.store.delete(this.#existing(text(input, "Name")).name);
        return {};
      default:
        throw new AwsError("UnknownOperationException", `The laptop cloud's Parameter Store has no ${operation}.`);
    }
  }

  accesses(call: Call): readonly Access[] {
    return ssmAccess(call);
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

  #getParameters(names: unknown): Output {
    const asked = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
    return {
      Parameters: asked.flatMap((name) => this.#find(name) ?? []).map(described),
      InvalidParameters: asked.filter((name) => !this.#find(name)),
    };
  }

  #getByPath(input: Call["input"]): Output {
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
    return { Version: this.store.put(name, text(input, "Value"), type).version, Tier: "Standard" };
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

function text(input: Call["input"], member: string): string {
  const value = input[member];
  if (typeof value === "string") return value;
  throw new AwsError("ValidationException", `${member} is missing.`);
}
