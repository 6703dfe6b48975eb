import { AwsError } from "../../../shared/aws-error.ts";
import { isRecord } from "../../../shared/json.ts";

/**
 * A structure of a request; undefined where it is absent. Anything else is refused: dynoxide 1.2.1 reads a list as a structure whose
 * members are in their order, and would do what IAM has not decided on.
 *
 * @throws AwsError SerializationException
 */
export function structureOf(value: unknown): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined;
  if (isRecord(value)) return value;
  throw new AwsError("SerializationException", `Start of ${Array.isArray(value) ? "list" : "scalar"} found where not expected`);
}

/** A list of structures; empty where it is absent. @throws AwsError SerializationException */
export function structuresOf(value: unknown): Record<string, unknown>[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new AwsError("SerializationException", "Expected list or null");
  return value.map((element: unknown) => structureOf(element) ?? {});
}
