import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const PackageJson = v.object({ scripts: v.record(v.string(), v.string()) });
const { scripts } = v.parse(PackageJson, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

const pages = ["", "docs", "docs/decisions", "lib/laptop"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file)),
);

/** The README's example: a service that is not there. */
const MADE_UP = /^functions\/shipping\//;

/** The pages of a folder that another page does not link to. */
function notLinked(folder: string, from: string, text: string): string[] {
  const linked = new Set([...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, target = ""]) => join(dirname(from), target)));
  return pages.filter((page) => dirname(page) === folder && !linked.has(page));
}

/** What a page of the repository sends its reader to, and what is not there. */
function deadEnds(page: string, text: string): string[] {
  const commands = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = ""]) => name);
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const paths = [...text.matchAll(/`((?:bin|bench|docs|events|functions|lib|test|\.ci)\/[\w./-]+)`/g)].map(
    ([, path = ""]) => path,
  );
  // A page inside lib/ names its neighbours as its code does: from its own folder.
  const neighbours = page.startsWith("lib/")
    ? [...text.matchAll(/`((?:[\w-]+\/)*(?:[\w.-]+\.ts|[\w-]+\/))`/g)].map(([, path = ""]) => join(dirname(page), path))
    : [];
  return [
    ...neighbours.filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, relative(dirname(page), path)))),
    ...commands.filter((name) => scripts[name] === undefined).map((name) => `npm run ${name}`),
    ...links.filter((target) => !leads(page, target)),
    ...paths.filter((path) => !MADE_UP.test(path) && !existsSync(join(root, path))),
  ];
}

/** Whether a link leads to a file, and to a heading of it where it names one. */
function leads(page: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? join(root, page) : join(root, dirname(page), file);
  if (!existsSync(path)) return false;
  return anchor === undefined || headings(readFileSync(path, "utf8")).includes(anchor);
}

/** The anchors that GitHub gives the headings of a page. */
function headings(text: string): string[] {
  const titles = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title.toLowerCase());
  return titles.map((title) => title.replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}

describe("a page sends its reader to files, headings and commands that are there", () => {
  it.each(pages)("%s", (page) => {
    expect(deadEnds(page, readFileSync(join(root, page), "utf8"))).toEqual([]);
  });
});

it.each(["`npm run nothing`", "[a file](docs/nothing.md)", "[a heading](README.md#nothing)", "`lib/nothing.ts`"])(
  "a page that sends its reader to %s is found out",
  (text) => {
    expect(deadEnds("README.md", text)).toHaveLength(1);
  },
);

it("a page inside lib/ that names a neighbour that is not there is found out", () => {
  expect(deadEnds("lib/laptop/README.md", "`services/nothing.ts`, `start.ts`, `services/`")).toHaveLength(1);
});

describe("the index of decisions", () => {
  const index = "docs/architecture.md";

  it("lists every page in docs/decisions", () => {
    expect(notLinked("docs/decisions", index, readFileSync(join(root, index), "utf8"))).toEqual([]);
  });

  it("is found to lack a page that it does not link to", () => {
    const text = readFileSync(join(root, index), "utf8").replace("](decisions/own-log.md)", "]");
    expect(notLinked("docs/decisions", index, text)).toEqual(["docs/decisions/own-log.md"]);
  });
});

it("a page that the code names is there", () => {
  const sources = ["bench", "bin", "events", "functions", "lib", "test"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
  const named = sources.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/\bdocs\/(?:[\w-]+\/)*[\w-]+\.md\b/g)].map(([page]) => ({
      file,
      page,
    })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ file, page }) => file !== "test/unit/documents.test.ts" && !existsSync(join(root, page)))).toEqual([]);
});
