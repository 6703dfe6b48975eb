import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../bin/root.ts";

/** What the app and the command line are made of. */
const SOURCES = ["bin", "events", "functions", "lib", "cdk.json", "package.json", "package-lock.json"];

/** A copy of the project, so that what the developer has in `.fanfare` stays as it is. It shares node_modules. */
export async function copyProject(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "fanfare-bench-"));
  await Promise.all(SOURCES.map((name) => cp(join(ROOT, name), join(folder, name), { recursive: true })));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
