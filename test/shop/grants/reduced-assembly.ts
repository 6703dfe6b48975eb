import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { onTestFinished } from "vitest";
import { ASSEMBLY } from "../../support/assembly.ts";

const allowStatement = v.looseObject({
  Effect: v.literal("Allow"),
  Action: v.union([v.string(), v.array(v.string())]),
  Resource: v.looseObject({}),
});

/**
 * The reference app's assembly in which one stack's template grants an action no more on one resource: for as long as the test
 * runs, and beside the app's own, because its assets are named from there.
 *
 * @param stack a service's name, or `<service>-function` for what its function may do
 * @param resource how the template names it: its logical id, its name, or a part of these
 * @throws Error where the template has no such grant
 */
export function assemblyWithout(stack: string, action: string, resource: string): string {
  const folder = mkdtempSync(`${ASSEMBLY}-iam-`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(ASSEMBLY, folder, { recursive: true });
  const file = join(folder, `fanfare-dev-${stack}.template.json`);
  let removed = 0;
  const template: unknown = JSON.parse(readFileSync(file, "utf8"), (_key, value: unknown) => {
    if (!v.is(allowStatement, value) || !JSON.stringify(value.Resource).includes(resource)) return value;
    const actions = [value.Action].flat();
    if (!actions.includes(action)) return value;
    removed += 1;
    const left = actions.filter((other) => other !== action);
    // A statement needs an action: this is one that nobody takes.
    return { ...value, Action: left.length > 0 ? left : "none:Nothing" };
  });
  if (removed === 0) throw new Error(`the stack fanfare-dev-${stack} grants no ${action} on ${resource}`);
  writeFileSync(file, JSON.stringify(template));
  return folder;
}
