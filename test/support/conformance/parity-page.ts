import { type Target, TARGETS } from "../target/target.ts";
import { BEHAVIOURS, type Behaviour } from "../../conformance/behaviours.ts";
import { DIFFERENCES } from "./differences.ts";
import type { Outcomes } from "./results.ts";

type ByTarget = ReadonlyMap<Target["name"], Outcomes>;

const HEADINGS: Readonly<Record<Target["name"], string>> = { embedded: "laptop cloud", localstack: "LocalStack", aws: "AWS" };
const NOT_RUN = "not run here";

const INTRODUCTION = `# What AWS documents, and what each target does

Each row is a test in \`test/conformance/\`: a sentence about what AWS documents, linked to its page. The same tests run on the laptop cloud
(\`npm test\`), on LocalStack (\`npm run test:localstack\`) and in an AWS account (\`FANFARE_TARGET=aws npx vitest run --project
conformance\`), against one CDK app (\`test/conformance/app/\`, which \`cdk deploy\` deploys), through AWS's APIs only.
\`npm run docs:parity\` writes this page from the results of those runs.`;

/** docs/parity.md. */
export function parityPage(outcomes: ByTarget): string {
  const areas = Map.groupBy(BEHAVIOURS.keys(), (id) => documented(id).area);
  const tables = [...areas].flatMap(([area, ids]) => [`## ${area}`, table(ids, outcomes)]);
  const told = TARGETS.flatMap((target) => differences(target, outcomes));
  return `${[INTRODUCTION, summary(outcomes), ...tables, ...told].join("\n\n")}\n`;
}

/** Whether a page says of a behaviour what the target embedded was last seen to do. */
export function isToldIn(page: string, id: string, outcomes: ByTarget): boolean {
  const beginning = `| ${link(id)} | ${cell(id, "embedded", outcomes)} |`;
  return page.split("\n").some((row) => row.replaceAll(/ +/g, " ").startsWith(beginning));
}

function documented(id: string): Behaviour {
  return BEHAVIOURS.get(id)!;
}

function link(id: string): string {
  const { title, page } = documented(id);
  return `[${title}](https://docs.aws.amazon.com/${page})`;
}

function table(ids: readonly string[], outcomes: ByTarget): string {
  return aligned([
    ["AWS documents", ...TARGETS.map((target) => HEADINGS[target])],
    ...ids.map((id) => [link(id), ...TARGETS.map((target) => cell(id, target, outcomes))]),
  ]);
}

function cell(id: string, target: Target["name"], outcomes: ByTarget): string {
  return outcomes.get(target)?.get(id)?.result ?? NOT_RUN;
}

function summary(outcomes: ByTarget): string {
  const results = ["pass", "differs", "unsupported", NOT_RUN];
  const counted = (target: Target["name"], result: string) =>
    [...BEHAVIOURS.keys()].filter((id) => cell(id, target, outcomes) === result).length;
  return aligned([
    [`${BEHAVIOURS.size} behaviours`, ...results],
    ...TARGETS.map((target) => [HEADINGS[target], ...results.map((result) => String(counted(target, result)))]),
  ]);
}

/** A table whose columns are as wide as their widest cell, as the formatter has it. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** What a target does otherwise: what the run has seen, and why as far as it is known. */
function differences(target: Target["name"], outcomes: ByTarget): string[] {
  const items = [...BEHAVIOURS.keys()].flatMap((id) => {
    const outcome = outcomes.get(target)?.get(id);
    if (outcome === undefined || outcome.result === "pass") return [];
    const why = DIFFERENCES[target][id] ?? "Not explained yet.";
    return [`- **${documented(id).title}**: ${outcome.result}. ${why}\n  Seen: \`${outcome.seen.replaceAll("`", "'")}\``];
  });
  return items.length === 0 ? [] : [`## Differences: ${HEADINGS[target]}`, items.join("\n")];
}
