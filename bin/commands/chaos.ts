import * as v from "valibot";
import { describeRule, FAULTS } from "#lib/laptop/chaos/rule.ts";
import { OpsError } from "#lib/ops/errors.ts";
import { onTarget, type Target } from "#lib/ops/target.ts";
import { columns } from "./columns.ts";
import { parseOptions, port } from "./options.ts";
import { paintFor } from "./paint.ts";

/** A share as it is typed: 0.2 or 20%. */
const share = v.pipe(
  v.string(),
  v.regex(/^\d{1,3}(\.\d{1,6})?%?$/, "expected a share above 0 and up to 1, like 0.2 or 20%"),
  v.check((text) => inParts(text) > 0 && inParts(text) <= 1, "expected a share above 0 and up to 1, like 0.2 or 20%"),
  v.transform(inParts),
);

const wholeNumber = v.pipe(v.string(), v.regex(/^\d{1,10}$/, "expected a whole number"), v.toNumber());

const chaosOptions = v.object({
  port: v.optional(port),
  endpoint: v.optional(v.string()),
  rate: v.optional(share, "20%"),
  api: v.optional(v.string()),
  operation: v.optional(v.string()),
  resource: v.optional(v.string()),
  milliseconds: v.optional(wholeNumber),
  seed: v.optional(wholeNumber),
  json: v.optional(v.boolean()),
});

type Options = v.InferOutput<typeof chaosOptions>;

const activeRule = v.looseObject({
  id: v.string(),
  fault: v.picklist(FAULTS),
  rate: v.number(),
  api: v.optional(v.string()),
  operation: v.optional(v.string()),
  resource: v.optional(v.string()),
  milliseconds: v.optional(v.number()),
  seed: v.number(),
  met: v.number(),
  fired: v.number(),
});

const rules = v.object({ rules: v.array(activeRule) });
const refusal = v.object({ message: v.string() });

const ACTIONS: ReadonlyMap<unknown, (what: unknown, options: Options) => Promise<void>> = new Map([
  ["list", list],
  ["add", add],
  ["clear", clear],
]);

/**
 * `fanfare chaos <action> [what]`: what goes wrong with AWS calls on the laptop cloud.
 *
 * @throws Error in one line when there is no such action, or the laptop cloud refuses the rule.
 */
export async function chaos(action: unknown, what: unknown, given: unknown): Promise<void> {
  const act = ACTIONS.get(action);
  if (!act) {
    const wrong = typeof action === "string" ? `there is no "chaos ${action}"` : "nothing to do given";
    throw new Error(`${wrong}: expected ${[...ACTIONS.keys()].join(", ")}: see \`npx fanfare chaos --help\``);
  }
  await act(what, parseOptions(chaosOptions, given));
}

async function list(_what: unknown, options: Options): Promise<void> {
  const { rules: inForce } = v.parse(rules, await call(options, "GET"));
  if (options.json) return console.log(JSON.stringify(inForce, undefined, 2));
  if (inForce.length === 0) return console.log("no chaos: every call goes as it should");
  const [head = "", ...rows] = columns([
    ["ID", "RULE", "CALLS MET", "GONE WRONG", "SEED"],
    ...inForce.map((rule) => [rule.id, describeRule(rule), rule.met, rule.fired, String(rule.seed)]),
  ]);
  console.log([paintFor(process.stdout)("dim", head), ...rows].join("\n"));
}

async function add(fault: unknown, { rate, api, operation, resource, milliseconds, seed, ...options }: Options): Promise<void> {
  if (typeof fault !== "string") throw new Error(`no fault given: expected ${FAULTS.join(", ")}`);
  const asked = { fault, rate, api, operation, resource, milliseconds, seed };
  const rule = v.parse(activeRule, await call(options, "POST", "", asked));
  console.log(`${rule.id}: ${describeRule(rule)} (seed ${rule.seed})`);
}

async function clear(id: unknown, options: Options): Promise<void> {
  await call(options, "DELETE", typeof id === "string" ? `/${encodeURIComponent(id)}` : "");
  console.log(typeof id === "string" ? `rule ${id} is lifted` : "no chaos any more");
}

/** Calls the laptop cloud. @throws OpsError with its reason where it refuses. */
async function call(options: Pick<Options, "port" | "endpoint">, method: string, path = "", body?: object): Promise<unknown> {
  return onTarget(options, async ({ local }: Target) => {
    const response = await fetch(`${local}/_fanfare/chaos${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const answer: unknown = await response.json();
    if (!response.ok) throw new OpsError(v.parse(refusal, answer).message);
    return answer;
  });
}

function inParts(text: string): number {
  return text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
}
