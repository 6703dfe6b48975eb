import type { Case, PolicyStatement } from "./case.ts";

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

/** Their case with each applicable explanation alone, and with all of them. */
export function rewritesOf(asked: Case): { readonly names: readonly string[]; readonly rewritten: Case }[] {
  const before = JSON.stringify(asked);
  const alone = explanations
    .map(({ name, rewrite }) => ({ names: [name], rewritten: rewrite(asked) }))
    .filter(({ rewritten }) => JSON.stringify(rewritten) !== before);
  if (alone.length < 2) return alone;
  const rewritten = explanations.reduce((all, { rewrite }) => rewrite(all), asked);
  return [...alone, { names: alone.flatMap(({ names }) => names), rewritten }];
}

type Rewrite = (statement: PolicyStatement) => PolicyStatement | undefined;

function withStatements(asked: Case, rewrite: Rewrite): Case {
  const each = (statements: readonly PolicyStatement[]) => statements.flatMap((it) => rewrite(it) ?? []);
  return {
    ...asked,
    identity: each(asked.identity),
    boundary: asked.boundary && each(asked.boundary),
    ofResource: each(asked.ofResource),
  };
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((it) => typeof it === "string");
}

function withResources(asked: Case, rewrite: (pattern: string) => string): Case {
  return withStatements(asked, (statement) => {
    const name = statement["Resource"] === undefined ? "NotResource" : "Resource";
    return { ...statement, [name]: texts(statement[name]).map(rewrite) };
  });
}

type Tests = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function withConditions(asked: Case, rewrite: (operator: string, key: string, values: string[]) => string[] | undefined): Case {
  return withStatements(asked, (statement) => {
    const { Condition: condition, ...rest } = statement;
    if (condition === undefined) return statement;
    const rewritten = Object.entries(condition as Tests).flatMap(([operator, tests]) => {
      const left = Object.entries(tests).flatMap(([key, values]) => {
        const wanted = rewrite(operator, key, texts(values));
        return wanted === undefined ? [] : [[key, wanted] as const];
      });
      return left.length === 0 ? [] : [[operator, Object.fromEntries(left)] as const];
    });
    return rewritten.length === 0 ? rest : { ...rest, Condition: Object.fromEntries(rewritten) };
  });
}

function withValues(asked: Case, rewrite: (value: string) => string, operators = /./): Case {
  return withConditions(asked, (operator, _key, values) => (operators.test(operator) ? values.map(rewrite) : values));
}

function withoutMetIfExists(asked: Case): Case {
  const present = presentKeys(asked);
  return withConditions(asked, (operator, key, values) =>
    /^ForAnyValue:.*IfExists$/.test(operator) && !present.has(key.toLowerCase()) ? undefined : values,
  );
}

function withoutUnfilledValues(asked: Case): Case {
  const present = presentKeys(asked);
  const unfilled = (value: string) =>
    [...value.matchAll(/\$\{([^},]+)\}/g)].some(([, key = ""]) => key !== "*" && !present.has(key.toLowerCase()));
  const disputed = (operator: string, key: string, values: readonly string[]) =>
    /Not/.test(operator) && present.has(key.toLowerCase()) && values.some(unfilled);
  const careful = withStatements(asked, (statement) => {
    const tests = Object.entries((statement["Condition"] ?? {}) as Tests).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => disputed(operator, key, texts(values))),
    );
    return statement["Effect"] === "Allow" && tests.includes(true) ? undefined : statement;
  });
  return withConditions(careful, (operator, key, values) =>
    disputed(operator, key, values) ? values.map((it) => (unfilled(it) ? "what no call has" : it)) : values,
  );
}

function presentKeys({ context }: Case): Set<string> {
  return new Set(
    Object.entries(context).flatMap(([key, value]) => (value.length > 0 || value === "" ? [key.toLowerCase()] : [])),
  );
}

/** An Allow that does not hold is left out, a Deny that holds is one of every resource. */
function withoutUnfilled(asked: Case): Case {
  const filled = asked.principal.kind === "role" ? /\$\{(?!aws:PrincipalTag\/team\}|\*)/ : /\$\{(?!\*)/;
  const unfilled = (pattern: string) => {
    const variable = pattern.search(filled);
    const misplaced = pattern.search(/\$\{aws:PrincipalAccount\}/) >= 0;
    return misplaced || (variable >= 0 && !pattern.includes(", '"));
  };
  return withStatements(asked, (statement) => {
    if (!texts(statement["NotResource"]).some(unfilled)) return statement;
    const { NotResource: _, ...rest } = statement;
    return statement["Effect"] === "Allow" ? undefined : { ...rest, Resource: "*" };
  });
}
