import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BundleError, bundleFunctions } from "#lib/constructs/function/bundle.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanfare-bundle-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

describe("a bundle", () => {
  test("is one file with its source map, and runs by itself, CommonJS packages and Node's own modules included", async () => {
    write("functions/one/handler.ts", `import { two } from "./two.cjs"; export const result: number = two();`);
    write("functions/one/two.cjs", `const { join } = require("node:path"); exports.two = () => join("a", "b").length;`);
    const [bundle] = await bundleFunctions(["one"], root);
    expect(readdirSync(bundle!.directory)).toEqual(["index.mjs", "index.mjs.map"]);
    const file = pathToFileURL(join(bundle!.directory, "index.mjs")).href;
    expect(await import(file)).toMatchObject({ result: 3 });
  });

  test("has a hash that changes with its code and with nothing else", async () => {
    write("functions/one/handler.ts", `export const handler = () => 1;`);
    write("functions/two/handler.ts", `export const handler = () => 2;`);
    const [two, one] = await bundleFunctions(["two", "one"], root);
    write("functions/one/handler.ts", `// said otherwise, done the same\nexport const handler = () => 1;`);
    write("functions/two/handler.ts", `export const handler = () => 3;`);
    const [otherTwo, sameOne] = await bundleFunctions(["two", "one"], root);
    expect(sameOne!.hash).toBe(one!.hash);
    expect(otherTwo!.hash).not.toBe(two!.hash);
  });
});

describe("a bundle that is built again", () => {
  test("is not written when nothing has changed", async () => {
    write("functions/one/handler.ts", `export const handler = () => 1;`);
    const [bundle] = await bundleFunctions(["one"], root);
    const file = join(bundle!.directory, "index.mjs");
    const before = statSync(file, { bigint: true }).mtimeNs;
    await bundleFunctions(["one"], root);
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(before);
  });
});

describe("a handler that does not build", () => {
  test("is named with the place of its first error, in one line", async () => {
    write("functions/one/handler.ts", `export const handler = () => 1;\nimport "./nowhere.ts";\nimport "./nor-here.ts";`);
    await expect(bundleFunctions(["one"], root)).rejects.toThrow(
      new BundleError('functions/one/handler.ts:2:8: Could not resolve "./nowhere.ts" (and 1 more)'),
    );
  });

  test("is named when it is not there", async () => {
    await expect(bundleFunctions(["one"], root)).rejects.toThrow(
      new BundleError("functions/one/handler.ts: not found; a service has a handler.ts that exports `handler`"),
    );
  });
});
