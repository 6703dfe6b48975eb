import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { ROOT } from "../../../bin/root.ts";

const PATIENCE = { timeout: 20_000, interval: 100 };

/** A copy of what functions are bundled from, so that it can be edited; what `fanfare start` rebuilds it by runs beside it. */
function watchedProject() {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-project-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["bin", "events", "functions", "lib", "cdk.json", "package.json", "package-lock.json"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  const source = `
    const { rebuildOnChange } = await import("./bin/rebuild.ts");
    rebuildOnChange(["ledger"], (line) => console.log(line));
    console.log("watching");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  return { folder, said: () => said };
}

test("an edited relay is bundled again, like an edited handler, for the laptop cloud to run", async () => {
  const { folder, said } = watchedProject();
  await vi.waitUntil(() => said().includes("watching"), PATIENCE);
  const relay = join(folder, "lib/runtime/relay/handler.ts");
  writeFileSync(relay, `${readFileSync(relay, "utf8")}\nexport const edited = "by the test";\n`);
  const bundle = join(folder, ".fanfare/relay/index.mjs");
  await expect.poll(() => existsSync(bundle) && readFileSync(bundle, "utf8"), PATIENCE).toContain("by the test");
  expect(existsSync(join(folder, ".fanfare/bundles/ledger/index.mjs"))).toBe(true);
  expect(said()).toBe("watching\n");
});
