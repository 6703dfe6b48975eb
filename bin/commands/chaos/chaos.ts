import * as v from "valibot";
import { describeRule, FAULTS } from "#lib/laptop/chaos-rules.ts";
import { OpsError } from "#lib/ops/errors.ts";
import { printable, printableJson } from "#lib/ops/printable.ts";
import { onTarget, type Target } from "#lib/ops/target.ts";
import { columns } from "../../terminal/columns.ts";
import { parseOptions, port } from "../options.ts";
import { paintFor } from "../../terminal/paint.ts";

/** A share: 0.2 or 20%. */
const share = v.pipe(
  v.string(),
  v.regex(/^\d{1,3}(\.\d{1,6})?%?$/, "expected a share above 0 and up to 1, like 0.2 or 20%"),
  v.check((text) => fraction(text) > 0 && fraction(text) <= 1, "expected a share above 0 and up to 1, like 0.2 or 20%"),
  v.transform(fraction),
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

/** `fanfare chaos list`: the active rules. */
export async function listRules(given: unknown): Promise<void> {
  const options = parseOptions(chaosOptions, given);
  const { rules: inForce } = v.parse(rules, await call(options, "GET"));
  if (options.json) return console.log(printableJson(inForce, 2));
  if (inForce.length === 0) return console.log("no chaos: every call goes as it should");
  const [head = "", ...rows] = columns([
    ["ID", "RULE", "CALLS MET", "GONE WRONG", "SEED"],
    ...inForce.map((rule) => [printable(rule.id), printable(describeRule(rule)), rule.met, rule.fired, String(rule.seed)]),
  ]);
  console.log([paintFor(process.stdout)("dim", head), ...rows].join("\n"));
}

/** `fanfare chaos add <fault>`: adds a rule. @throws OpsError when the laptop cloud refuses it. */
export async function addRule(fault: unknown, given: unknown): Promise<void> {
  const { rate, api, operation, resource, milliseconds, seed, ...options } = parseOptions(chaosOptions, given);
  if (typeof fault !== "string") throw new Error(`no fault given: expected ${FAULTS.join(", ")}`);
  const asked = { fault, rate, api, operation, resource, milliseconds, seed };
  const rule = v.parse(activeRule, await call(options, "POST", "", asked));
  console.log(`${printable(`${rule.id}: ${describeRule(rule)}`)} (seed ${rule.seed})`);
}

/** `fanfare chaos clear [id]`: removes one rule, or all. */
export async function clearRules(id: unknown, given: unknown): Promise<void> {
  const options = parseOptions(chaosOptions, given);
  await call(options, "DELETE", typeof id === "string" ? `/${encodeURIComponent(id)}` : "");
  console.log(typeof id === "string" ? `rule ${id} is lifted` : "no chaos any more");
}

/** Calls the laptop cloud. @throws OpsError with its reason when it refuses. */
async function call(options: Pick<Options, "port" | "endpoint">, method: string, path = "", body?: object): Promise<unknown> {
  return onTarget(options, async ({ local }: Target) => {
    const response = await fetch(`${local}/_fanfare/chaos${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const answer: unknown = await response.json();
    if (!response.ok) throw new OpsError(v.parse(refusal, answer).message);
    return answer;
  });
}

function fraction(text: string): number {
  return text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
}
