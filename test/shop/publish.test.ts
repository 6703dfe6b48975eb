import { tmpdir } from "node:os";
import { afterAll, expect, test } from "vitest";
import { emailSent } from "#events";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import { fanfare } from "../support/target/command-line.ts";
import { DeployedApp } from "../support/target/deployed-app.ts";

const app = new DeployedApp();
afterAll(() => app.cleanUp());

test("fanfare publish publishes an event and prints its id, and the services handle it", async () => {
  const id = app.id("published");
  const data = JSON.stringify({ ...emailSent.example, orderId: id });
  const { code, stdout } = await fanfare(["publish", "email.sent.v1", "--data", data, "--id", id], tmpdir());

  expect({ code, stdout }).toEqual({ code: 0, stdout: `${id}\n` });
  const kept = async () => (await app.items(ledger, entry)).filter(({ eventId }) => eventId === id);
  await expect.poll(kept).toMatchObject([{ type: "email.sent.v1", subject: id }]);
});
