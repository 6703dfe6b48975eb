import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { brokenArrows, circles } from "./broken-arrows.ts";
import { importsOf, readImports } from "./imports.ts";
import { ARROWS } from "./table.ts";

const repository = join(import.meta.dirname, "../../..");

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.mjs"], {
  cwd: repository,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /^(bin|bench|events|functions|lib|test)\//.test(file) && !file.startsWith("test/unit/arrows/"))
  // Git still lists a file that has been deleted and not committed.
  .filter((file) => existsSync(join(repository, file)));

describe("the repository", () => {
  const imports = readImports(repository, files);

  it("is read", () => {
    expect(imports.length).toBeGreaterThan(files.length);
  });

  it("breaks no arrow", () => {
    expect(brokenArrows(imports)).toEqual([]);
  });

  it("has no circle of files", () => {
    expect(circles(imports.filter(({ from }) => !from.startsWith("test/")))).toEqual([]);
  });

  it("has every folder of lib/ in the table", () => {
    expect(Object.keys(ARROWS)).toEqual(
      expect.arrayContaining(readdirSync(join(repository, "lib")).map((folder) => `lib/${folder}`)),
    );
  });
});

describe.each([
  ["lib/runtime/x.ts", "#lib/stacks/x.ts"],
  ["lib/runtime/x.ts", "../stacks/x.ts"],
  ["lib/runtime/unit/x.ts", "../../stacks/x.ts"],
  ["lib/contracts/x.ts", "#events"],
  ["lib/laptop/x.ts", "../../functions/orders/order.ts"],
  ["lib/runtime/x.ts", "aws-cdk-lib/aws-sqs"],
  ["functions/a/x.ts", "../b/x.ts"],
  ["functions/a/inner/x.ts", "../../b/x.ts"],
  ["functions/a/x.ts", "#lib/testing/index.ts"],
  ["events/a/x.ts", "#lib/runtime/index.ts"],
])("%s that imports %s is caught", (file, specifier) => {
  it.each([
    `import x from "${specifier}";`,
    `import type { x } from "${specifier}";`,
    `import "${specifier}";`,
    `export * from "${specifier}";`,
    `import {\n  x,\n  y,\n} from "${specifier}";`,
    `const x = await import("${specifier}");`,
    `const x = new URL("${specifier}", import.meta.url);`,
  ])("as %j", (line) => {
    expect(brokenArrows(importsOf(file, line))).toHaveLength(1);
  });
});

it.each([
  ["functions/a/x.ts", "./y.ts"],
  ["functions/a/inner/x.ts", "../y.ts"],
  ["functions/a/x.ts", "#events"],
  ["functions/a/x.ts", "#lib/runtime/consumer.ts"],
  ["functions/a/x.ts", "valibot"],
  ["lib/stacks/x.ts", "constructs"],
  ["events/a/x.ts", "../fields.ts"],
])("%s may import %s", (file, specifier) => {
  expect(brokenArrows(importsOf(file, `import x from "${specifier}";`))).toEqual([]);
});

it("a circle of files is caught, of types alone as well", () => {
  const imports = [
    ...importsOf("lib/runtime/a.ts", 'import type { b } from "./b.ts";'),
    ...importsOf("lib/runtime/b.ts", 'import { a } from "./a.ts";'),
  ];

  expect(circles(imports)).toEqual([["lib/runtime/a.ts", "lib/runtime/b.ts", "lib/runtime/a.ts"]]);
});
