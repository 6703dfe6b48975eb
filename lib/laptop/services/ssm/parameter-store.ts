import { isRecord } from "../../shared/json.ts";
import { brokenKept, keptList, readKept, writeKept } from "../../shared/persistence/kept-json.ts";

/** A parameter as it is kept. */
export interface StoredParameter {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly version: number;
  /** Epoch seconds. */
  readonly modified: number;
  /** The KMS key of a SecureString, as the caller named it. @default - `aws/ssm`, which every principal of the account may use */
  readonly keyId?: string;
}

/** The parameters of the Parameter Store. */
export class ParameterStore {
  #parameters = new Map<string, StoredParameter>();
  readonly #file: string | undefined;

  /** `file` keeps the parameters; absent, they live as long as the process. */
  constructor(file?: string) {
    this.#file = file;
    if (file === undefined) return;
    const stored = readKept(file);
    for (const entry of keptList(stored, file)) {
      if (!isStored(entry)) throw brokenKept(file);
      this.#parameters.set(entry.name, entry);
    }
  }

  get(name: string): StoredParameter | undefined {
    return this.#parameters.get(name);
  }

  /** Writes a parameter; its version goes up only where something changed. */
  put(name: string, value: string, type = "String", keyId?: string): StoredParameter {
    const known = this.#parameters.get(name);
    if (known && known.value === value && known.type === type && known.keyId === keyId) return known;
    const version = (known?.version ?? 0) + 1;
    const parameter = { name, type, value, version, modified: Date.now() / 1_000, ...(keyId !== undefined && { keyId }) };
    this.#keep(new Map(this.#parameters).set(name, parameter));
    return parameter;
  }

  delete(name: string): boolean {
    const left = new Map(this.#parameters);
    const deleted = left.delete(name);
    if (deleted) this.#keep(left);
    return deleted;
  }

  /** All parameters below a path, sorted by name; without `recursive` only those directly in it. */
  byPath(path: string, recursive: boolean): StoredParameter[] {
    const prefix = path.endsWith("/") ? path : `${path}/`;
    return [...this.#parameters.values()]
      .filter(({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes("/")))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What cannot be kept is refused, and then not there either. */
  #keep(parameters: Map<string, StoredParameter>): void {
    if (this.#file !== undefined) writeKept(this.#file, [...parameters.values()]);
    this.#parameters = parameters;
  }
}

function isStored(value: unknown): value is StoredParameter {
  return isRecord(value) && typeof value["name"] === "string" && typeof value["value"] === "string";
}
