import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Licences that ask for no more than their notice. */
const PERMISSIVE = new Set(["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"]);

/** Tools that are neither shipped nor changed, under a licence that asks for more: by the name that their packages begin with. */
const TOOLS: Readonly<Record<string, string>> = {
  // Writes CSS for vite, which vitest brings.
  lightningcss: "MPL-2.0",
};

/** A package of package-lock.json, by the folder that npm installs it into. */
const Lock = v.object({
  packages: v.record(v.string(), v.object({ dev: v.optional(v.boolean(), false), license: v.optional(v.string()) })),
});
const Manifest = v.object({ name: v.string(), license: v.optional(v.string(), "none") });

interface Package {
  readonly name: string;
  readonly license: string;
  /** Whether only developers install it. */
  readonly dev: boolean;
}

/** Whether a licence, in SPDX's words, may be taken as a permissive one: `(MIT OR GPL-3.0-or-later)` may. */
function isPermissive(license: string): boolean {
  const choices = license.replaceAll(/[()]/g, "").split(" OR ");
  return choices.some((choice) => choice.split(" AND ").every((one) => PERMISSIVE.has(one)));
}

function isAllowed({ name, license, dev }: Package): boolean {
  const tool = Object.keys(TOOLS).find((prefix) => name === prefix || name.startsWith(`${prefix}-`));
  return isPermissive(license) || (dev && tool !== undefined && TOOLS[tool] === license);
}

/** The packages that are installed here: those for other platforms carry the licence of the package that they belong to. */
function installedPackages(): Package[] {
  const { packages } = v.parse(Lock, readJson("package-lock.json"));
  return Object.entries(packages).flatMap(([folder, { dev }]) => {
    const file = join(folder, "package.json");
    if (folder === "" || !existsSync(join(root, file))) return [];
    return { ...v.parse(Manifest, readJson(file)), dev };
  });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}

it("every package that npm installs, bundled ones included, has a permissive licence or is a tool that is named here", () => {
  const packages = installedPackages();
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter((one) => !isAllowed(one))).toEqual([]);
});

it.each([
  ["AGPL-3.0-only", "@cloud-copilot/iam-simulate", true],
  ["GPL-3.0-or-later", "a", true],
  ["MIT AND GPL-3.0-only", "a", true],
  ["none", "a", true],
  ["MPL-2.0", "a", true],
  ["MPL-2.0", "lightningcss", false],
])("a package under %s is found out (%s, for developers: %s)", (license, name, dev) => {
  expect(isAllowed({ name, license, dev })).toBe(false);
});
