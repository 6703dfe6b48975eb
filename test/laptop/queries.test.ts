import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCloud } from "#lib/testing/index.ts";
import { parcelScanned } from "../support/fixtures/parcels-project/events.ts";
import depot, { scan } from "../support/fixtures/parcels-project/functions/depot/service.ts";
import { synthesizeProject } from "../support/fixtures/synthesize-project.ts";

const PROJECT = join(import.meta.dirname, "../support/fixtures/parcels-project");

const assembly = mkdtempSync(join(tmpdir(), "fanfare-parcels-"));
let cloud: TestCloud;
beforeAll(async () => {
  await synthesizeProject(["depot"], PROJECT, assembly);
  cloud = await TestCloud.start({ assembly });
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

test("a deployed service queries its table and its index with what its role and its template give it", async () => {
  for (const [parcel, place] of [
    ["a", "north"],
    ["b", "north"],
    ["a", "south"],
    ["c", "north"],
  ] as const) {
    await cloud.publish(parcelScanned, { parcel, depot: place });
    await cloud.settle();
  }

  expect(cloud.deadLetters(depot)).toEqual([]);
  const scans = await cloud.items(depot, scan);
  expect(
    scans.map(({ parcel, number, depot: place, there }) => `${parcel}${number} ${place}: ${there.join()}`).toSorted(),
  ).toEqual(["a1 north: a", "a2 south: a", "b1 north: a,b", "c1 north: b,c"]);
});
