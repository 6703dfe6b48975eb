import * as v from "valibot";
import { isStageName } from "#lib/stacks/stage-names.ts";
import { stages } from "../stages.ts";

/** A port number. */
export const port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, "expected a number from 0 to 65535"),
  v.toNumber(),
  v.maxValue(65_535, "expected a number from 0 to 65535"),
);

/** The options that choose a stage. */
export const targetOptions = {
  stage: v.optional(
    v.pipe(
      v.string(),
      v.check((name) => isStageName(stages, name), `expected ${Object.keys(stages).join(", ")}: bin/stages.ts has the stages`),
    ),
  ),
  port: v.optional(port),
  endpoint: v.optional(v.string()),
};

/** The flags that choose the same stage in another command. */
export function targetFlags(options: v.InferOutput<v.ObjectSchema<typeof targetOptions, undefined>>): string {
  const given = (["stage", "port", "endpoint"] as const).filter((name) => options[name] !== undefined);
  return given.map((name) => ` --${name} ${options[name]}`).join("");
}

/**
 * Parses a command's options.
 *
 * @throws Error that names the first option that is wrong.
 */
export function parseOptions<Schema extends v.GenericSchema>(schema: Schema, options: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, options, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const name = v.getDotPath(issue)?.split(".", 1)[0] ?? "option";
  throw new Error(`--${name} is ${issue.received}: ${issue.message}`);
}
