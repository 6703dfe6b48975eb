import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import * as v from "valibot";
import { orderConfirmed } from "#events";
import { TestCloud } from "#lib/testing/index.ts";
import { loadServices } from "#lib/stacks/load-services.ts";
import { synthesizeProject } from "../../support/fixtures/synthesize-project.ts";
import { ROOT } from "../../../bin/root.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");

mkdirSync(join(ROOT, ".fanfare"), { recursive: true });
const project = mkdtempSync(join(ROOT, ".fanfare", "readme-"));
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The text of a file that the README shows. */
function fileInReadme(path: string): string {
  const text = README.split(`\`${path}\``)[1]?.split("```ts\n")[1]?.split("```")[0];
  if (text === undefined) throw new Error(`the README does not show ${path}`);
  return text;
}

test("the service that the README adds packs a parcel for each confirmed order", async () => {
  const folder = join(project, "functions", "shipping");
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "events", "lib", "node_modules"]) symlinkSync(join(ROOT, name), join(project, name));
  for (const file of ["parcel.ts", "service.ts", "handler.ts"]) {
    writeFileSync(join(folder, file), fileInReadme(`functions/shipping/${file}`));
  }
  const assembly = join(project, "cdk.out");
  await synthesizeProject(["shipping"], project, assembly);
  const [shipping] = await loadServices(["shipping"], project);
  const cloud = await TestCloud.start({ assembly });
  try {
    await cloud.publish(orderConfirmed, orderConfirmed.example);
    await cloud.settle();
    const parcel = { name: "parcel", schema: v.object({ orderId: v.string() }), id: () => "" };
    expect(await cloud.item(shipping!, parcel, orderConfirmed.example.orderId)).toEqual({ orderId: "1001" });
  } finally {
    await cloud.stop();
  }
});

test("the commands that the README names are there", () => {
  const { scripts } = v.parse(
    v.object({ scripts: v.record(v.string(), v.string()) }),
    JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")),
  );
  const named = [...README.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  expect(named.length).toBeGreaterThan(2);
});
