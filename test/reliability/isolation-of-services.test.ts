import { afterAll, beforeAll, expect, test } from "vitest";
import { toPublish } from "#lib/runtime/index.ts";
import { reading, weatherMeasured } from "../support/fixtures/moody-project/events.ts";
import moody from "../support/fixtures/moody-project/functions/moody/service.ts";
import north from "../support/fixtures/moody-project/functions/north/service.ts";
import south from "../support/fixtures/moody-project/functions/south/service.ts";
import { type Mood, type MoodyCloud, startMoodyCloud } from "../support/fixtures/moody-project/moody-cloud.ts";
import { sized } from "../support/proof.ts";

let moods: MoodyCloud;
beforeAll(async () => {
  moods = await startMoodyCloud();
});
afterAll(() => moods?.[Symbol.asyncDispose]());

const EVENTS = sized({ short: 12, long: 40 });

test.each<[Mood, leftBehind: number]>([
  ["stopped", EVENTS],
  ["crashing", EVENTS],
  ["slow", 0],
])(
  "while one service is %s the others finish everything, and when it is well again it makes up for all of it",
  async (mood, leftBehind) => {
    const { cloud } = moods;
    const keys = Array.from({ length: EVENTS }, (_, index) => `${mood} ${String(index).padStart(2, "0")}`);
    const written = async (service: typeof north) =>
      (await cloud.items(service, reading))
        .map(({ key }) => key)
        .filter((key) => key.startsWith(mood))
        .toSorted();
    await moods.be(mood);
    await cloud.publishAll(keys.map((key) => toPublish(weatherMeasured, { key, text: mood })));

    await expect.poll(() => written(north), { timeout: 20_000 }).toEqual(keys);
    await expect.poll(() => written(south), { timeout: 20_000 }).toEqual(keys);
    expect(keys.length - (await written(moody)).length).toBeGreaterThanOrEqual(leftBehind);

    await moods.be("well");
    await cloud.settle();
    expect(await written(moody)).toEqual(keys);
    expect(cloud.deadLetters(moody)).toEqual([]);
  },
);
