import { afterAll, expect, inject } from "vitest";
import { waitFor } from "../support/target/wait-for.ts";
import { behaviour } from "./behaviour.ts";
import { patience } from "../support/conformance/patience.ts";
import type { ConformanceClient, SeenMessage } from "../support/conformance/client.ts";
import { ownCloud, type OwnCloud } from "../support/conformance/own-cloud.ts";

/** What one redeploy has shown to both tests. */
interface Redeployed {
  /** What the filter policy has let through, before and after: the generations that messages are marked with. */
  readonly chosen: readonly (readonly string[])[];
  readonly seen: readonly SeenMessage[];
}

const GENERATIONS = ["1", "2"];

/** Sent before the redeploy; each takes a second. */
const SENT = ["a", "b", "c", "d", "e", "f"];

let cloud: OwnCloud | undefined;
let redeploying: Promise<Redeployed> | undefined;

afterAll(() => cloud?.stop());

/** Redeploys once, for whoever asks first. */
const redeployed = () => (redeploying ??= redeploy());

async function redeploy(): Promise<Redeployed> {
  cloud = await ownCloud(inject("target"), "records", "changing");
  const before = cloud.client();
  const chosenBefore = await publishGenerations(before);
  for (const key of SENT) await before.send("in-flight", before.message(key, { sleepMilliseconds: 1_000 }));
  await before.whenSeen("a message in flight", (records) => records.length > 0);
  await cloud.redeploy(2);
  const after = cloud.client();
  await waitFor(
    "the new filter policy to be in force",
    () => publishGenerations(after),
    (chosen) => !chosen.includes("1"),
    patience(),
  );
  const chosenAfter = await publishGenerations(after);
  await after.send("in-flight", after.message("new"));
  const seen = await after.whenSeen("all messages to be handled", (records) =>
    [...SENT, "new"].every((sent) => records.some(({ key, endedAt }) => key === sent && endedAt !== undefined)),
  );
  return { chosen: [chosenBefore, chosenAfter], seen };
}

/** Publishes a message of each generation. @returns which of them were delivered */
async function publishGenerations(app: ConformanceClient): Promise<string[]> {
  for (const StringValue of GENERATIONS) {
    const generation = { DataType: "String", StringValue };
    await app.publish("changing", app.run, { MessageAttributes: { generation } });
  }
  return (await app.drain("chosen")).map(({ MessageAttributes }) => MessageAttributes?.["generation"]?.StringValue ?? "");
}

behaviour("policy-changed", async () => {
  const { chosen } = await redeployed();
  expect(chosen).toEqual([["1"], ["2"]]);
});

behaviour("messages-in-flight", async () => {
  const { seen } = await redeployed();
  const generations = (key: string) => seen.filter((message) => message.key === key).map(({ generation }) => generation);
  expect(generations("new")).toEqual(["2"]);
  expect(seen.some(({ generation }) => generation === "1")).toBe(true);
});
