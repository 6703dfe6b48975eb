import type { Case, Difference } from "./case.ts";
import { explanations, rewritesOf } from "./explanations.ts";
import { randomCase } from "./generate.ts";
import { ourDecision } from "./ours.ts";
import { theirDecisions } from "./theirs.ts";

/** What a comparison found. */
export interface Comparison {
  readonly cases: number;
  readonly agreed: number;
  /** How many differences each explanation accounts for, by its name. */
  readonly explained: ReadonlyMap<string, number>;
  readonly unexplained: readonly Difference[];
}

/** Has both evaluators decide on random cases, and every difference explained. @param folder where the other evaluator lives */
export async function compare(folder: string, seed: number, count: number): Promise<Comparison> {
  const cases = Array.from({ length: count }, (_, number) => randomCase(seed, number));
  const theirs = await theirDecisions(folder, cases);
  const differences = cases.flatMap((asked, number): Difference[] => {
    const ours = ourDecision(asked);
    const { decision = "error" } = theirs[number] ?? {};
    return ours === decision ? [] : [{ number, asked, ours, theirs: decision }];
  });
  const found = await explain(folder, differences);
  const explained = new Map(explanations.map(({ name }) => [name, 0]));
  for (const name of found.flatMap((names) => names ?? [])) explained.set(name, (explained.get(name) ?? 0) + 1);
  const unexplained = differences.filter((_, index) => found[index] === undefined);
  return { cases: count, agreed: count - differences.length, explained, unexplained };
}

interface Attempt {
  readonly difference: number;
  readonly names: readonly string[];
  readonly rewritten: Case;
}

/** The names of the explanations that hold of each difference: rewritten by them, both decide as we did. */
async function explain(folder: string, differences: readonly Difference[]): Promise<(readonly string[] | undefined)[]> {
  const attempts = differences.flatMap(({ asked }, difference): Attempt[] =>
    rewritesOf(asked).map((rewrite) => ({ difference, ...rewrite })),
  );
  const answers = await theirDecisions(
    folder,
    attempts.map(({ rewritten }) => rewritten),
  );
  const found: (readonly string[] | undefined)[] = differences.map(() => undefined);
  attempts.forEach(({ difference, names, rewritten }, index) => {
    const ours = differences[difference]?.ours;
    if (ourDecision(rewritten) === ours && answers[index]?.decision === ours) found[difference] ??= names;
  });
  return found;
}
