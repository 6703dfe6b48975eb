import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a function may take, in seconds: the lease of an effect that was interrupted lasts as long, and the soak has to wait for it. */
const TIMEOUT_SECONDS = 4;

/** A cloud assembly's copy, beside it because its assets are named from there, whose functions have little time. */
export function hastyAssembly(assembly: string): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(`${assembly}-soak-`);
  cpSync(assembly, folder, { recursive: true });
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".template.json"))) {
    const template = readFileSync(join(folder, name), "utf8");
    writeFileSync(join(folder, name), template.replaceAll(/"Timeout": ?\d+/g, `"Timeout": ${TIMEOUT_SECONDS}`));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
