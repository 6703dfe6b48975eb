import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "../../.github/workflows");
const workflows = readdirSync(folder).map((file): [string, string] => [file, readFileSync(join(folder, file), "utf8")]);
const ci = new Map(workflows).get("ci.yml") ?? "";

/** An action of GitHub's own, by a commit's whole digest, with its version for people and for Dependabot. */
const PINNED = /^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

/** What a workflow does that none may do. */
function faults(workflow: string): string[] {
  const lines = workflow.split("\n").map((line) => line.trim());
  const used = lines.filter((line) => /^(- )?uses:/.test(line)).map((line) => line.replace(/^(- )?uses:\s*/, ""));
  const faultIf = (fault: string, isSo: boolean) => (isSo ? [fault] : []);
  return [
    ...used.filter((action) => !PINNED.test(action)).map((action) => `not pinned by a digest: ${action}`),
    ...faultIf("permissions are more than to read", !/^permissions:\n {2}contents: read\n\n/m.test(workflow)),
    ...faultIf("permissions are given twice", workflow.split("permissions:").length > 2),
    ...faultIf("runs others' code with our rights", workflow.includes("pull_request_target")),
    ...faultIf("uses a secret", workflow.includes("secrets.")),
    ...faultIf("a job has no end", count(workflow, /^ {4}runs-on:/gm) !== count(workflow, /^ {4}timeout-minutes: \d+$/gm)),
    ...faultIf(
      "a checkout keeps its credentials",
      count(workflow, /actions\/checkout@/g) !== count(workflow, /persist-credentials: false$/gm),
    ),
    ...faultIf("runs are not bounded", !/^concurrency:\n {2}group: /m.test(workflow)),
  ];
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

it.each(workflows)("the workflow %s may only read, and runs nothing that can change under its name", (_, workflow) => {
  expect(faults(workflow)).toEqual([]);
});

it("the workflow runs what everybody runs, on every push to main and on every pull request", () => {
  expect(ci).toMatch(/^ {6}- run: \.ci\/run$/m);
  expect(ci).toMatch(/^on:\n {2}push:\n {4}branches: \[main\]\n {2}pull_request:\n/m);
});

describe("a workflow is found out", () => {
  it.each([
    ["pins an action by a tag", /@[0-9a-f]{40} # (v\d+)\S*/, "@$1", /^not pinned by a digest: actions\/checkout@v/],
    ["does not say which version a digest is", / # v.*/, "", /^not pinned by a digest/],
    ["runs somebody else's action", "actions/setup-node", "somebody/setup-node", /^not pinned by a digest: somebody/],
    ["may write", "contents: read", "contents: write", /^permissions are more/],
    ["says nothing of permissions", "permissions:\n  contents: read\n", "", /^permissions are more/],
    [
      "gives a job more permissions",
      "    runs-on:",
      "    permissions:\n      id-token: write\n    runs-on:",
      /^permissions are given/,
    ],
    ["runs for forks with our rights", "pull_request:", "pull_request_target:", /^runs others' code/],
    ["has a secret", "- run: .ci/run", "- run: .ci/run ${{ secrets.KEY }}", /^uses a secret/],
    ["may run for ever", /timeout-minutes.*\n/, "", /^a job has no end/],
    ["leaves its token in the checkout", /persist-credentials.*\n/, "", /^a checkout keeps/],
    ["may run many times at once", "concurrency:", "env:", /^runs are not bounded/],
  ])("that %s", (_, from, to, fault) => {
    expect(faults(ci.replace(from, to))).toContainEqual(expect.stringMatching(fault));
  });
});
