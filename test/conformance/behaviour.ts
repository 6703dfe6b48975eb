import { inspect } from "node:util";
import { inject, test } from "vitest";
import { BEHAVIOURS } from "./behaviours.ts";
import { ConformanceClient } from "../support/conformance/client.ts";
import { DIFFERENCES } from "../support/conformance/differences.ts";
import { keepOutcome, type Outcome } from "../support/conformance/results.ts";

/** Characters of what was seen that a result keeps. */
const SHOWN = 300;

/** The target has no such thing, or not here; the message says why. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/**
 * A test of one behaviour that AWS documents. What it sees is kept for docs/parity.md. On the target embedded a difference fails the
 * test, unless differences.ts explains it; on other targets it is told of and fails nothing, as it is theirs.
 */
export function behaviour(id: string, look: (app: ConformanceClient) => Promise<void>): void {
  const documented = BEHAVIOURS.get(id);
  if (documented === undefined) throw new Error(`behaviours.ts has no ${id}: each behaviour is described there`);
  test(documented.title, async ({ skip }) => {
    const target = inject("target");
    const { outcome, error } = await observe(() => look(new ConformanceClient(target)));
    keepOutcome(target.name, id, outcome);
    const explained = DIFFERENCES.embedded[id] !== undefined;
    if (outcome.result === "pass") {
      if (target.name === "embedded" && explained) throw new Error(`${id} passes: take it out of differences.ts`);
      return;
    }
    if (target.name === "embedded" && !explained) throw error;
    skip(`${target.name} ${outcome.result}: ${outcome.seen}`);
  });
}

async function observe(look: () => Promise<void>): Promise<{ outcome: Outcome; error?: unknown }> {
  try {
    await look();
    return { outcome: { result: "pass" } };
  } catch (error) {
    // A target that is not there does not differ.
    if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") throw error;
    return { outcome: { result: error instanceof Unsupported ? "unsupported" : "differs", seen: seenBy(error) }, error };
  }
}

/** What a test saw when it failed, in one line: of an expectation the value, else what it says itself. */
function seenBy(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const seen = error instanceof Error && "actual" in error ? inspect(error.actual, { depth: 3, breakLength: Infinity }) : text;
  return seen.replaceAll(/\s+/g, " ").slice(0, SHOWN);
}
