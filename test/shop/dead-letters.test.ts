import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it } from "vitest";
import { emailSent } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import { fanfare } from "../support/target/command-line.ts";
import { DeployedApp } from "../support/target/deployed-app.ts";

const app = new DeployedApp();
const QUEUE = app.name(ledger);
const folder = mkdtempSync(join(tmpdir(), "fanfare-dlq-"));

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await app.cleanUp();
});

/** Runs `fanfare dlq` to its end. */
function dlq(...parameters: string[]) {
  return fanfare(["dlq", ...parameters], folder);
}

let events = 0;

/** An event that the ledger alone consumes, with data of an own order. */
function emailEvent(data: object = {}, source = "test") {
  const id = app.id(`dead-${++events}`);
  const envelope = createEnvelope(emailSent, { ...emailSent.example, orderId: id }, { source, id });
  return { ...envelope, data: { ...envelope.data, ...data } };
}

/** Lets an event die that has a number where its contract wants an address. Returns its id. */
async function letWrongEventDie(): Promise<string> {
  const { id, ...event } = emailEvent({ to: 7 });
  await app.send(ledger, JSON.stringify({ ...event, id }));
  await app.deadLetter(ledger, id);
  return id;
}

async function sendTo(name: string, body: string): Promise<void> {
  await app.clients.sqs.send(new SendMessageCommand({ QueueUrl: await app.queueUrl(name), MessageBody: body }));
}

/** How many letters of an event lie in the ledger's dead-letter queue, for everybody to see. */
async function letters(id: string): Promise<number> {
  return (await app.deadLetters(ledger)).filter(({ event }) => event.id === id).length;
}

/** How often an event has been entered into the ledger's journal. */
async function entries(id: string): Promise<number> {
  return (await app.items(ledger, entry)).filter(({ eventId }) => eventId === id).length;
}

describe("an event that a service could not handle", () => {
  it("is listed with its reason, shown with its data, and left where it is", async () => {
    const id = await letWrongEventDie();
    const list = await dlq("list");
    const show = await dlq("show", "ledger", "--id", id, "--stack");

    expect(list.stdout).toMatch(/^ledger +[1-9]\d* +\d+ /m);
    expect(list.stdout).toMatch(/^ *\d+ {2}InvalidEventError: email\.sent\.v1: data\.to: /m);
    expect(show.stdout).toMatch(new RegExp(`^email\\.sent\\.v1 {2}${id}\\n`));
    expect(show.stdout).toMatch(/^ +attempts +1, the first at \d{4}-.*, given up at \d{4}-/m);
    expect(show.stdout).toMatch(/^ +consumer +ledger, version [0-9a-f]{12}$/m);
    expect(show.stdout).toContain('"to": 7,');
    expect(show.stdout).toMatch(/^ +at .+:\d+:\d+\)?$/m);
    expect(await letters(id)).toBe(1);
  });

  it("is sent back unchanged in vain, and once it is mended takes effect once", async () => {
    const id = await letWrongEventDie();
    const inVain = await dlq("redrive", "ledger", "--id", id);
    expect(inVain).toMatchObject({ code: 0, stdout: expect.stringContaining(`1 letter sent back to ${QUEUE}\n`) });
    await expect.poll(async () => (await app.deadLetter(ledger, id)).redrives).toBe(1);

    const refused = await dlq("edit", "ledger", "--id", id, "--data", '{"orderId":"1","to":8}');
    expect(refused).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^fanfare: email\.sent\.v1: data\.to: /),
    });
    expect(await letters(id)).toBe(1);

    const edited = await dlq("edit", "ledger", "--id", id, "--data", JSON.stringify({ ...emailSent.example, orderId: id }));
    expect(edited).toMatchObject({ code: 0, stderr: expect.stringContaining("npx fanfare dlq redrive ledger --id ") });
    expect((await dlq("show", "ledger", "--id", edited.stdout.trim())).stdout).toMatch(/^ +edited +\d{4}-/m);
    expect(await letters(id)).toBe(1);
    expect(await entries(id)).toBe(0);

    const redriven = await dlq("redrive", "ledger", "--filter", `data.orderId=${id}`);
    expect(redriven.code).toBe(0);
    await expect.poll(() => entries(id)).toBe(1);
    expect(await letters(id)).toBe(0);
  });

  it("is mended and sent back in one go", async () => {
    const id = await letWrongEventDie();
    const data = JSON.stringify({ ...emailSent.example, orderId: id });
    const { code } = await dlq("edit", "ledger", "--id", id, "--data", data, "--redrive");

    expect(code).toBe(0);
    await expect.poll(() => entries(id)).toBe(1);
    expect(await letters(id)).toBe(0);
  });

  it("is left alone by a dry run, which says what would be sent", async () => {
    const id = await letWrongEventDie();
    const { code, stdout, stderr } = await dlq("redrive", "ledger", "--filter", `id=${id}`, "--dry-run");

    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `1 letter would be sent back to ${QUEUE}; nothing has changed\n`,
    });
    expect(stderr).toContain(`would be sent: email.sent.v1 ${id}  (InvalidEventError: `);
    expect(await letters(id)).toBe(1);
  });

  it("is named when no letter has its id", async () => {
    const { code, stderr } = await dlq("redrive", "ledger", "--id", app.id("no-such"));

    expect(code).toBe(1);
    expect(stderr).toContain(`fanfare: no letter has the id ${app.id("no-such")}\n`);
  });
});

describe("an event that has taken effect", () => {
  it("takes no effect again when a letter of it is sent back, also by two operators at once", async () => {
    const source = app.id("crowd");
    const crowd = Array.from({ length: 30 }, () => emailEvent({}, source));
    const ids = crowd.map(({ id }) => id);
    const [handled] = crowd;
    await app.send(ledger, JSON.stringify(handled));
    await app.handled(ledger, handled!.id);
    for (const event of crowd) await sendTo(`${QUEUE}-dlq`, JSON.stringify(event));
    const redrive = () => dlq("redrive", "ledger", "--filter", `source=${source}`);
    await Promise.all([redrive(), redrive()]);

    await expect.poll(() => Promise.all(ids.map(entries))).toEqual(ids.map(() => 1));
    await app.empty(ledger);
    expect(await Promise.all(ids.map(entries))).toEqual(ids.map(() => 1));
    expect((await app.deadLetters(ledger)).filter(({ event }) => event.source === source)).toEqual([]);
  });

  it("is edited only under another id, for under its own other data would be dropped", async () => {
    const event = emailEvent();
    const { id } = event;
    await app.send(ledger, JSON.stringify(event));
    await app.handled(ledger, id);
    await sendTo(`${QUEUE}-dlq`, JSON.stringify(event));
    const data = JSON.stringify({ ...emailSent.example, orderId: id, subject: "Corrected" });
    const refused = await dlq("edit", "ledger", "--id", id, "--data", data, "--redrive");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("has already taken effect in ledger") });
    expect(await letters(id)).toBe(1);

    const edited = await dlq("edit", "ledger", "--id", id, "--data", data, "--redrive", "--new-id");
    expect(edited.code).toBe(0);
    const ofOrder = async () => (await app.items(ledger, entry)).filter((one) => one.subject === id);
    await expect.poll(ofOrder).toHaveLength(2);
    expect(await letters(id)).toBe(0);
  });
});

it("an event that SNS could not deliver is listed apart, and sent to its one service", async () => {
  const { id, ...event } = emailEvent();
  await sendTo(`${QUEUE}-notifications-undelivered`, JSON.stringify({ ...event, id }));
  expect((await dlq("list", "ledger")).stdout).toMatch(/^ledger +\d+ +[1-9]/m);
  const shown = await dlq("show", "ledger", "--undelivered", "--filter", `id=${id}`);
  expect(shown.stdout).toContain("not delivered by SNS, no reason recorded");

  const { stdout } = await dlq("redrive", "ledger", "--id", id, "--undelivered");

  expect(stdout).toBe(`1 letter sent back to ${QUEUE}\n`);
  await expect.poll(() => entries(id)).toBe(1);
  expect((await dlq("show", "ledger", "--undelivered", "--filter", `id=${id}`)).stdout).toBe("");
});

describe("fanfare dlq purge", () => {
  it("deletes nothing where nobody confirms it", async () => {
    const id = await letWrongEventDie();
    const { code, stderr } = await dlq("purge", "ledger", "--id", id);

    expect(code).toBe(1);
    expect(stderr).toMatch(/^fanfare: deleting letters needs a confirmation/);
    expect(await letters(id)).toBe(1);
  });

  it("deletes what is meant, and keeps it in a file that has what an export has", async () => {
    const [gone, left] = [await letWrongEventDie(), await letWrongEventDie()];
    const exported = await dlq("export", "ledger", "--id", gone);
    const { code, stdout } = await dlq("purge", "ledger", "--id", gone, "--yes");

    const file = readdirSync(folder).find((name) => name.startsWith("ledger-dev-letters-")) ?? "";
    expect({ code, stdout }).toEqual({ code: 0, stdout: `1 letter deleted; ${file} keeps them\n` });
    expect(readFileSync(join(folder, file), "utf8")).toBe(exported.stdout);
    expect(JSON.parse(exported.stdout)).toMatchObject({ event: { id: gone }, reason: { errorName: "InvalidEventError" } });
    expect(await letters(gone)).toBe(0);
    expect(await letters(left)).toBe(1);
  });
});

it("a letter that was purged is brought back by an import, with its reason, once and from the line that is given", async () => {
  const [id, before] = [await letWrongEventDie(), await letWrongEventDie()];
  const file = `purged-${id}.ndjson`;
  for (const one of [before, id])
    expect((await dlq("purge", "ledger", "--id", one, "--yes", "--file", `${one}.ndjson`)).code).toBe(0);
  writeFileSync(join(folder, file), [before, id].map((one) => readFileSync(join(folder, `${one}.ndjson`), "utf8")).join(""));
  expect(await letters(id)).toBe(0);

  const { code, stdout } = await dlq("import", "ledger", "--file", file, "--from", "2");

  expect({ code, stdout }).toEqual({ code: 0, stdout: "1 letter imported\n" });
  expect(await app.deadLetter(ledger, id)).toMatchObject({ reason: { errorName: "InvalidEventError", attempts: "1" } });
  expect(await letters(id)).toBe(1);
  expect(await letters(before)).toBe(0);
});
