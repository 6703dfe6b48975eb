import type { Case } from "./case.ts";
import { withoutMetIfExists, withoutUnfilled, withoutUnfilledValues, withResources, withValues } from "./rewrites.ts";

/** Why the evaluators differ over a case, as a claim that can be checked. */
export interface Explanation {
  readonly name: string;
  /** Who is right, and by what. */
  readonly why: string;
  /**
   * Says the same in words over which there is no dispute, by our reading of the policy: we must decide as before, and they as we do.
   * The case itself where there is nothing of the kind in it.
   */
  readonly rewrite: (asked: Case) => Case;
}

/** The differences that are known. A difference that none of these accounts for is a fault, of ours until shown otherwise. */
export const explanations: readonly Explanation[] = [
  {
    name: "default value of a variable in a resource",
    why: "They take ${key, 'default'} for a text in Resource. IAM user guide, \"Policy variables: Specifying default values\"",
    rewrite: (asked) => withResources(asked, (it) => it.replaceAll(/\$\{[^}]*, '([^']*)'\}/g, "$1")),
  },
  {
    name: "NotResource with a variable that cannot be filled in",
    why: "They let it stand for every resource in an Allow, and for none in a Deny. AWS does not say; we choose what allows less",
    rewrite: withoutUnfilled,
  },
  {
    name: "negated operator with a variable that cannot be filled in",
    why: "They let it hold in neither an Allow nor a Deny. AWS does not say; we choose what allows less, and deny",
    rewrite: withoutUnfilledValues,
  },
  {
    name: "variable in an ARN of a condition",
    why: "They divide the ARN at the colon in ${aws:SourceAccount}",
    rewrite: (asked) =>
      withValues(asked, (it) => it.replace("${aws:SourceAccount}", String(asked.context["aws:SourceAccount"])), /Arn/),
  },
  {
    name: "ARN of fewer than six parts in a condition",
    why: 'They let its negation hold for no ARN. It is equal to none: IAM user guide, "ARN condition operators"',
    rewrite: (asked) =>
      withValues(asked, (it) => (it.split(":").length < 6 ? "arn:aws:iam::111111111111:role/nobody" : it), /Arn/),
  },
  {
    name: "IPv6 range and an IPv4 address",
    why: 'They let NotIpAddress not hold. The address is not in the range: IAM user guide, "IP address condition operators"',
    rewrite: (asked) => withValues(asked, (it) => (it.includes("::") ? "203.0.113.7" : it), /IpAddress/),
  },
  {
    name: "key without values",
    why: "They let Null tell it from an absent key. AWS does not say; in calls here the two are one",
    rewrite: (asked) => ({
      ...asked,
      context: Object.fromEntries(
        Object.entries(asked.context).filter(([, value]) => typeof value === "string" || value.length > 0),
      ),
    }),
  },
  {
    name: "wildcard in the type of a resource",
    why: 'They match `?able/orders` and `table/orders` by type first. IAM user guide, "Resource": wildcards stand in any part',
    rewrite: (asked) =>
      withResources(asked, (it) => it.replace(/:\?(?=able\/|unction:)/, (_, at: number) => (it[at + 2] === "a" ? ":t" : ":f"))),
  },
  {
    name: "range of all addresses",
    why: "They find no address in 0.0.0.0/0: a shift by 32 bits is one by none",
    rewrite: (asked) => withValues(asked, (it) => (it === "0.0.0.0/0" ? "0.0.0.0/1" : it)),
  },
  {
    name: "date in epoch seconds",
    why: 'They compare an ISO date with epoch seconds as texts. IAM user guide, "Date condition operators" takes both',
    rewrite: (asked) => withValues(asked, (it) => (it === "1795176000" ? "2026-11-20T12:00:00Z" : it), /^Date|:Date/),
  },
  {
    name: "ForAnyValue with IfExists",
    why: 'They do not heed IfExists. IAM user guide, "...IfExists condition operators": a missing key makes the condition true',
    rewrite: withoutMetIfExists,
  },
];

/** A case with each applicable explanation alone, and with all of them. */
export function rewritesOf(asked: Case): { readonly names: readonly string[]; readonly rewritten: Case }[] {
  const before = written(asked);
  const alone = explanations
    .map(({ name, rewrite }) => ({ names: [name], rewritten: rewrite(asked) }))
    .filter(({ rewritten }) => written(rewritten) !== before);
  if (alone.length < 2) return alone;
  const rewritten = explanations.reduce((all, { rewrite }) => rewrite(all), asked);
  return [...alone, { names: alone.flatMap(({ names }) => names), rewritten }];
}

/** A case as text; a list of one value and the value alone are written alike. */
function written(asked: Case): string {
  return JSON.stringify(
    withResources(
      withValues(asked, (it) => it),
      (it) => it,
    ),
  );
}
