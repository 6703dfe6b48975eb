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

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time span, such as 5m, in milliseconds. */
export const duration = v.pipe(
  v.string(),
  v.regex(/^\d{1,6}[smhd]$/, "expected a number and its unit, like 30s, 5m, 2h or 1d"),
  v.transform((text) => Number(text.slice(0, -1)) * UNIT_MILLISECONDS[text.slice(-1)]!),
);

/** The number of a line, from 1. */
export const lineNumber = v.pipe(v.string(), v.regex(/^[1-9]\d{0,11}$/, "expected the number of a line"), v.toNumber());

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
