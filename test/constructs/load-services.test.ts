import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ConfigurationError } from "#lib/constructs/configuration-error.ts";
import { loadServices } from "#lib/stacks/load-services.ts";

const root = mkdtempSync(join(tmpdir(), "fanfare-services-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function service(name: string, text: string): void {
  mkdirSync(join(root, "functions", name), { recursive: true });
  writeFileSync(join(root, "functions", name, "service.ts"), text);
}

test("services are loaded from their folders, in the order of their names' list", async () => {
  service("b", `export default { name: "b", consumes: [], publishes: [], owns: [] };`);
  service("a", `export default { name: "a", consumes: [], publishes: [], owns: [] };`);
  expect((await loadServices(["b", "a"], root)).map(({ name }) => name)).toEqual(["b", "a"]);
});

test.each([
  ["missing", undefined, "functions/missing/service.ts: not found: a service's folder needs a service.ts"],
  ["other", `export default 1;`, "functions/other/service.ts: expected its default export to be made by defineService"],
  ["broken", `throw new Error("no such event");`, "functions/broken/service.ts: no such event"],
  [
    "renamed",
    `export default { name: "old", consumes: [], publishes: [], owns: [] };`,
    'functions/renamed/service.ts: the service is named "old": expected "renamed", like its folder',
  ],
])("a service that is %s is refused with its file's name", async (name, text, message) => {
  if (text !== undefined) service(name, text);
  await expect(loadServices([name], root)).rejects.toThrow(new ConfigurationError(message));
});
