import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../..");

/** Which folders of lib/ each folder of lib/ may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  runtime: ["contracts"],
  constructs: ["contracts"],
  stacks: ["contracts", "constructs"],
  local: [],
  ops: ["contracts", "runtime"],
  console: ["contracts", "ops"],
  testing: ["contracts", "runtime", "local"],
};
const FOLDERS = Object.keys(MAY_IMPORT);

const ARROW_RULES = new Set(["eslint(no-restricted-imports)", "import(no-cycle)"]);
const SOURCES = new Set(["bin", "bench", "events", "functions", "lib", "test"]);

const Report = v.object({
  diagnostics: v.array(
    v.object({ code: v.string(), severity: v.string(), filename: v.string(), help: v.optional(v.string(), "") }),
  ),
});

/** What the repository's lint configuration says about imports in a project, by file. */
function brokenArrows(project: string): Map<string, string> {
  const oxlint = join(repository, "node_modules/oxlint/bin/oxlint");
  const folders = readdirSync(project, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && SOURCES.has(entry.name),
  );
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format=json", ...folders.map(({ name }) => name)], {
    cwd: project,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const { diagnostics } = v.parse(Report, JSON.parse(stdout));
  return new Map(
    diagnostics
      .filter(({ code, severity }) => severity === "error" && ARROW_RULES.has(code))
      .map(({ filename, code, help }) => [filename.replaceAll("\\", "/"), `${code}: ${help}`]),
  );
}

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "fanfare-arrows-"));
  for (const file of [".oxlintrc.json", "tsconfig.json", "package.json"]) cpSync(join(repository, file), join(project, file));
});

afterEach(() => rmSync(project, { recursive: true }));

/** Puts a file into the project that has these lines. */
function plant(file: string, ...lines: string[]): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), `${lines.join("\n")}\n`);
}

/** Each of these files imports one thing; which of them are caught? */
function caught(imports: Readonly<Record<string, string>>): string[] {
  for (const [file, imported] of Object.entries(imports)) plant(file, `export { x } from "${imported}";`);
  return [...brokenArrows(project).keys()].toSorted();
}

it("the repository breaks no arrow", () => {
  expect(Object.fromEntries(brokenArrows(repository))).toEqual({});
});

it("every folder of lib/ has its arrows", () => {
  expect(FOLDERS).toEqual(expect.arrayContaining(readdirSync(join(repository, "lib"))));
});

describe.each([
  ["by subpath", "", (folder: string) => `#lib/${folder}/index.ts`],
  ["by relative path", "", (folder: string) => `../${folder}/index.ts`],
  ["by relative path from a folder further in", "inner/", (folder: string) => `../../${folder}/index.ts`],
  ["by relative path through the root", "", (folder: string) => `../../lib/${folder}/index.ts`],
])("a folder of lib/ imports another %s", (_, place, spell) => {
  it("where an arrow allows it, and is caught where none does", () => {
    const pairs = FOLDERS.flatMap((from) => FOLDERS.filter((to) => to !== from).map((to) => [from, to] as const));
    const forbidden = pairs.filter(([from, to]) => !MAY_IMPORT[from]!.includes(to));
    const file = ([from, to]: readonly [string, string]) => `lib/${from}/${place}to-${to}.ts`;

    expect(caught(Object.fromEntries(pairs.map((pair) => [file(pair), spell(pair[1])])))).toEqual(
      forbidden.map(file).toSorted(),
    );
  });
});

it("lib/ imports nothing from the project around it, in any spelling", () => {
  const outside = [
    "#events",
    "../../events/index.ts",
    "../../functions/orders/order.ts",
    "../../bin/app.ts",
    "../../test/a.ts",
  ];
  const imports = Object.fromEntries(
    FOLDERS.flatMap((folder) => outside.map((imported, index) => [`lib/${folder}/${index}.ts`, imported])),
  );

  expect(caught(imports)).toEqual(Object.keys(imports).toSorted());
});

it("a service imports its own folder, #events, #lib/contracts, #lib/runtime and packages alone", () => {
  const good = {
    "functions/a/1.ts": "./other.ts",
    "functions/a/2.ts": "#events",
    "functions/a/3.ts": "#lib/contracts/index.ts",
    "functions/a/4.ts": "#lib/runtime/consumer.ts",
    "functions/a/5.ts": "valibot",
    "functions/a/inner/6.ts": "../other.ts",
  };
  const bad = {
    "functions/b/1.ts": "../a/other.ts",
    "functions/b/2.ts": "./../a/other.ts",
    "functions/b/3.ts": "./inner/../../a/other.ts",
    "functions/b/4.ts": "#lib/constructs/index.ts",
    "functions/b/5.ts": "../../lib/local/index.ts",
    "functions/b/6.ts": "#lib/testing/index.ts",
    "functions/b/7.ts": "aws-cdk-lib",
    "functions/b/8.ts": "aws-cdk-lib/aws-sqs",
    "functions/b/9.ts": "constructs",
    "functions/b/inner/10.ts": "../../a/other.ts",
    "functions/b/inner/11.ts": "#lib/ops/index.ts",
  };

  expect(caught({ ...good, ...bad })).toEqual(Object.keys(bad).toSorted());
});

it("events import of lib/ the contracts alone, and nothing of the services", () => {
  const good = { "events/a/1.ts": "../fields.ts", "events/a/2.ts": "#lib/contracts/index.ts", "events/3.ts": "./a/topic.ts" };
  const bad = {
    "events/a/4.ts": "#lib/runtime/index.ts",
    "events/a/5.ts": "../../functions/orders/order.ts",
    "events/6.ts": "../lib/constructs/index.ts",
    "events/7.ts": "aws-cdk-lib",
  };

  expect(caught({ ...good, ...bad })).toEqual(Object.keys(bad).toSorted());
});

it("the CDK is imported by constructs, stacks and bin/ alone", () => {
  const good = { "lib/constructs/1.ts": "aws-cdk-lib", "lib/stacks/2.ts": "constructs", "bin/3.ts": "aws-cdk-lib" };
  const others = FOLDERS.filter((folder) => folder !== "constructs" && folder !== "stacks");
  const bad = Object.fromEntries(others.map((folder) => [`lib/${folder}/1.ts`, "aws-cdk-lib/aws-sns"]));

  expect(caught({ ...good, ...bad })).toEqual(Object.keys(bad).toSorted());
});

it.each([
  'import x from "#lib/stacks/x.ts"; export { x };',
  'import type { x } from "#lib/stacks/x.ts"; export type { x };',
  'import "#lib/stacks/x.ts";',
  'export * from "#lib/stacks/x.ts";',
  'export const x = import("#lib/stacks/x.ts");',
])("is caught as %s, and the message says what is allowed", (line) => {
  plant("lib/runtime/x.ts", line);

  expect(brokenArrows(project).get("lib/runtime/x.ts")).toBe(
    "eslint(no-restricted-imports): lib/runtime may import, of the other folders of lib/: lib/contracts.",
  );
});

it("two files that import each other are caught", () => {
  plant("lib/runtime/a.ts", 'import { b } from "./b.ts";', "export const a = (): unknown => b;");
  plant("lib/runtime/b.ts", 'import { a } from "./a.ts";', "export const b = (): unknown => a;");

  expect(brokenArrows(project).get("lib/runtime/a.ts")).toMatch(/^import\(no-cycle\)/);
});
