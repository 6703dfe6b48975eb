import type { Case, PolicyStatement } from "./case.ts";

type Rewrite = (statement: PolicyStatement) => PolicyStatement | undefined;

function withStatements(asked: Case, rewrite: Rewrite): Case {
  const each = (statements: readonly PolicyStatement[]) => statements.map(rewrite).filter((it) => it !== undefined);
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

/** Every resource pattern rewritten. */
export function withResources(asked: Case, rewrite: (pattern: string) => string): Case {
  return withStatements(asked, (statement) => {
    const name = statement["Resource"] === undefined ? "NotResource" : "Resource";
    return { ...statement, [name]: texts(statement[name]).map(rewrite) };
  });
}

function withConditions(asked: Case, rewrite: (operator: string, key: string, values: string[]) => string[] | undefined): Case {
  return withStatements(asked, (statement) => {
    const { Condition: condition, ...rest } = statement;
    if (condition === undefined) return statement;
    const rewritten = Object.entries(condition).flatMap(([operator, tests]) => {
      const left = Object.entries(tests).flatMap(([key, values]) => {
        const wanted = rewrite(operator, key, texts(values));
        return wanted === undefined ? [] : [[key, wanted] as const];
      });
      return left.length === 0 ? [] : [[operator, Object.fromEntries(left)] as const];
    });
    return rewritten.length === 0 ? rest : { ...rest, Condition: Object.fromEntries(rewritten) };
  });
}

/** Every value of a condition rewritten, of the operators that are meant. */
export function withValues(asked: Case, rewrite: (value: string) => string, operators = /./): Case {
  return withConditions(asked, (operator, _key, values) => (operators.test(operator) ? values.map(rewrite) : values));
}

/** Without the tests that hold because their key is absent. */
export function withoutMetIfExists(asked: Case): Case {
  const present = presentKeys(asked);
  return withConditions(asked, (operator, key, values) =>
    /^ForAnyValue:.*IfExists$/.test(operator) && !present.has(key.toLowerCase()) ? undefined : values,
  );
}

/** Negated tests whose variable has no value: an Allow goes, in a Deny the value becomes one that no call has. */
export function withoutUnfilledValues(asked: Case): Case {
  const present = presentKeys(asked);
  const unfilled = (value: string) =>
    [...value.matchAll(/\$\{([^},]+)\}/g)].some(([, key = ""]) => key !== "*" && !present.has(key.toLowerCase()));
  const disputed = (operator: string, key: string, values: readonly string[]) =>
    /Not/.test(operator) && present.has(key.toLowerCase()) && values.some(unfilled);
  const careful = withStatements(asked, (statement) => {
    const tests = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
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

/** NotResource whose variable has no value: an Allow goes, a Deny becomes one of every resource. */
export function withoutUnfilled(asked: Case): Case {
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
