import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compileCache, ownFolder } from "#lib/laptop/shared/compile-cache.ts";

function parent(): string {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-cache-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test.skipIf(process.platform === "win32")("compiled code lies in a folder that only this user can enter", () => {
  expect(statSync(compileCache() ?? "").mode & 0o777).toBe(0o700);
});

test.skipIf(process.platform === "win32").each<[string, (path: string) => void]>([
  ["others can write into", (path) => (mkdirSync(path), chmodSync(path, 0o777))],
  ["is a link to another one", (path) => (mkdirSync(`${path}-target`, { mode: 0o700 }), symlinkSync(`${path}-target`, path))],
  ["is a file", (path) => writeFileSync(path, "")],
])("a folder that %s is not used", (_what, make) => {
  const path = join(parent(), "cache");
  make(path);
  expect(ownFolder(path)).toBeUndefined();
});
