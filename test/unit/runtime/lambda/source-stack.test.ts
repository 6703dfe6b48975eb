import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleFunctions } from "#lib/constructs/function/bundle.ts";
import { sourceStack } from "#lib/runtime/lambda/source-stack.ts";

const root = mkdtempSync(join(tmpdir(), "fanfare-maps-"));
let bundle: string;

beforeAll(async () => {
  mkdirSync(join(root, "functions/broken"), { recursive: true });
  const source = `import { weigh } from "./scales.ts";\n\nexport const handler = () => weigh("feather");\n`;
  writeFileSync(join(root, "functions/broken/handler.ts"), source);
  const scales = `/** Never weighs. */\nexport function weigh(what: string): number {\n  throw new Error(what);\n}\n`;
  writeFileSync(join(root, "functions/broken/scales.ts"), scales);
  const [built] = await bundleFunctions(["broken"], root);
  bundle = pathToFileURL(join(built!.directory, "index.mjs")).href;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(["", "?version=2"])(
  "an error of a deployed function names the lines of its source files: index.mjs%s",
  async (query) => {
    const [raw, shown] = await stacksOf(`${bundle}${query}`);
    expect(raw).toMatch(/index\.mjs/);
    expect(shown?.split("\n").slice(0, 3)).toEqual([
      "Error: feather",
      expect.stringMatching(/^ {4}at .*functions\/broken\/scales\.ts:3:\d+\)?$/),
      expect.stringMatching(/^ {4}at .*functions\/broken\/handler\.ts:3:\d+\)?$/),
    ]);
  },
);

test("an error from elsewhere keeps its stack, and so does one whose bundle has no source map", () => {
  const error = new Error("here");
  expect(sourceStack(error)).toBe(error.stack);
  const stranger = Object.assign(new Error("there"), { stack: "Error: there\n    at a (file:///nowhere/index.mjs:1:2)" });
  expect(sourceStack(stranger)).toBe(stranger.stack);
});

/** The stack of what a bundle's handler throws, as Node gives it and as it is shown: in a process of its own, since Vitest maps stacks. */
async function stacksOf(url: string): Promise<string[]> {
  const program = `
    import { sourceStack } from ${JSON.stringify(import.meta.resolve("#lib/runtime/lambda/source-stack.ts"))};
    const { handler } = await import(${JSON.stringify(url)});
    try { handler(); } catch (error) { console.log(JSON.stringify([error.stack, sourceStack(error)])); }`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  return v.parse(v.array(v.string()), JSON.parse(stdout));
}
