import * as v from "valibot";
import type { Choice } from "#lib/ops/dead-letters/select.ts";
import { parseOptions, targetOptions } from "../options.ts";

/** The options that every action of `fanfare dlq` takes. */
export const commonOptions = { ...targetOptions, debug: v.optional(v.boolean()) };

/** The options that select letters. */
export const choiceOptions = {
  id: v.optional(v.array(v.string())),
  filter: v.optional(v.array(v.pipe(v.string(), v.minLength(1, "expected a text or field=value")))),
  undelivered: v.optional(v.boolean()),
};

/** The same, for actions that only take all letters if asked to. */
export const choiceOrAllOptions = { ...choiceOptions, all: v.optional(v.boolean()) };

type ChoiceOrAll = v.InferOutput<v.ObjectSchema<typeof choiceOrAllOptions, undefined>>;

/**
 * The options of one action of `fanfare dlq`; the command line accepts those of all actions.
 *
 * @throws Error that names the first option that is wrong, or that this action does not take.
 */
export function parseActionOptions<Entries extends v.ObjectEntries>(
  action: string,
  schema: v.ObjectSchema<Entries, undefined>,
  given: unknown,
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const names = Object.keys(schema.entries);
  const foreign = Object.keys(v.parse(v.record(v.string(), v.unknown()), given)).find((name) => !names.includes(name));
  if (foreign !== undefined) {
    const others = names.filter((name) => !(name in commonOptions)).map((name) => `--${name}`);
    throw new Error(`fanfare dlq ${action} has no option --${foreign}: expected ${others.join(", ")}`);
  }
  return parseOptions(schema, given);
}

/**
 * Which letters the options select, where a slip could select too many.
 *
 * @throws Error unless exactly one of --all, --id and --filter is given.
 */
export function choiceOf({ all, id, filter }: ChoiceOrAll): Choice {
  const ways = [all && "--all", id && "--id", filter && "--filter"].filter((way) => way !== undefined && way !== false);
  if (ways.length === 0) throw new Error("which letters? Expected --all, --id <id> or --filter <text or field=value>");
  if (ways.length > 1) throw new Error(`${ways.join(" and ")} are both given: expected one of them`);
  return { ids: id, filters: filter };
}
