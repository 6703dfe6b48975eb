import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { emailSent } from "#events";
import { parseEnvelope } from "#lib/contracts/envelope.ts";
import { createEnvelope } from "#lib/contracts/index.ts";
import { TestCloud } from "#lib/testing/index.ts";
import { ROOT } from "../../bin/assembly.ts";
import { entry } from "../../functions/ledger/entry.ts";
import ledger from "../../functions/ledger/service.ts";
import { ASSEMBLY } from "./assembly.ts";

const DEAD_LETTER_QUEUE = "fanfare-dev-ledger-dlq";

const folder = mkdtempSync(join(tmpdir(), "fanfare-dlq-"));
let cloud: TestCloud;

beforeAll(async () => {
  // No event of these tests reaches the payment provider.
  const parameters = { "/fanfare/dev/payments/PAYMENT_PROVIDER_URL": "http://127.0.0.1:9" };
  cloud = await TestCloud.start({ assembly: ASSEMBLY, parameters });
});

afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await fanfare("purge", "ledger", "--all", "--yes", "--no-export");
});

/** Runs `fanfare dlq` to its end, against the test's cloud. */
function fanfare(...parameters: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, AWS_ENDPOINT_URL: cloud.cloud.endpoint, NO_COLOR: "1" };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, "bin/fanfare.ts"), "dlq", ...parameters],
      { cwd: folder, env },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

let events = 0;

/** An event that the ledger alone consumes, with data of an own order. */
function emailEvent(data: object = {}) {
  const id = `dead-${++events}`;
  const envelope = createEnvelope(emailSent, { ...emailSent.example, orderId: id }, { source: "test", id });
  return { ...envelope, data: { ...envelope.data, ...data } };
}

/** Lets an event die that has a number where its contract wants an address. Returns its id. */
async function letWrongEventDie(): Promise<string> {
  const event = emailEvent({ to: 7 });
  await cloud.send(ledger, JSON.stringify(event));
  await cloud.settle();
  return event.id;
}

async function sendTo(queue: string, body: string): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const sqs = new SQSClient({ endpoint: cloud.cloud.endpoint, region: "us-east-1", credentials });
  await sqs.send(new SendMessageCommand({ QueueUrl: `${cloud.cloud.endpoint}/000000000000/${queue}`, MessageBody: body }));
}

/** The events in the ledger's dead-letter queue, by id, with whether somebody holds them. */
function letters(): { id: string; state: string }[] {
  return cloud.cloud.queue(DEAD_LETTER_QUEUE).messages.map(({ body, state }) => ({ id: parseEnvelope(body).id, state }));
}

/** How often an event has been entered into the ledger's journal. */
async function entries(id: string): Promise<number> {
  return (await cloud.items(ledger, entry)).filter(({ eventId }) => eventId === id).length;
}

describe("an event that a service could not handle", () => {
  it("is listed with its reason, shown with its data, and left where it is", async () => {
    const id = await letWrongEventDie();
    const list = await fanfare("list");
    const show = await fanfare("show", "ledger", "--id", id, "--stack");

    expect(list.stdout).toMatch(/^ledger +1 +0 /m);
    expect(list.stdout).toMatch(/^1 {2}InvalidEventError: email\.sent\.v1: data\.to: /m);
    expect(show.stdout).toMatch(new RegExp(`^email\\.sent\\.v1 {2}${id}\\n`));
    expect(show.stdout).toMatch(/^ +attempts +1, the first at \d{4}-.*, given up at \d{4}-/m);
    expect(show.stdout).toMatch(/^ +consumer +ledger, version [0-9a-f]{12}$/m);
    expect(show.stdout).toContain('"to": 7,');
    expect(show.stdout).toMatch(/^ +at .+:\d+:\d+\)?$/m);
    expect(letters()).toEqual([{ id, state: "ready" }]);
  });

  it("is sent back unchanged in vain, and once it is mended takes effect once", async () => {
    const id = await letWrongEventDie();
    const inVain = await fanfare("redrive", "ledger", "--id", id);
    await cloud.settle();
    expect(inVain).toMatchObject({ code: 0, stdout: expect.stringContaining("1 letter sent back to fanfare-dev-ledger\n") });
    expect(letters()).toEqual([{ id, state: "ready" }]);

    const refused = await fanfare("edit", "ledger", "--id", id, "--data", '{"orderId":"1","to":8}');
    expect(refused).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^fanfare: email\.sent\.v1: data\.to: /),
    });
    expect(letters()).toEqual([{ id, state: "ready" }]);

    const edited = await fanfare("edit", "ledger", "--id", id, "--data", JSON.stringify({ ...emailSent.example, orderId: id }));
    expect(edited).toMatchObject({ code: 0, stderr: expect.stringContaining("npx fanfare dlq redrive ledger --id ") });
    expect((await fanfare("show", "ledger", "--id", edited.stdout.trim())).stdout).toMatch(/^ +edited +\d{4}-/m);
    expect(letters()).toEqual([{ id, state: "ready" }]);
    expect(await entries(id)).toBe(0);

    const redriven = await fanfare("redrive", "ledger", "--filter", `data.orderId=${id}`);
    await cloud.settle();
    expect(redriven.code).toBe(0);
    expect(letters()).toEqual([]);
    expect(await entries(id)).toBe(1);
  });

  it("is mended and sent back in one go", async () => {
    const id = await letWrongEventDie();
    const data = JSON.stringify({ ...emailSent.example, orderId: id });
    const { code } = await fanfare("edit", "ledger", "--id", id, "--data", data, "--redrive");
    await cloud.settle();

    expect(code).toBe(0);
    expect(letters()).toEqual([]);
    expect(await entries(id)).toBe(1);
  });

  it("is left alone by a dry run, which says what would be sent", async () => {
    const id = await letWrongEventDie();
    const { code, stdout, stderr } = await fanfare("redrive", "ledger", "--all", "--dry-run");
    await cloud.settle();

    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "1 letter would be sent back to fanfare-dev-ledger; nothing is changed\n",
    });
    expect(stderr).toContain(`would be sent: email.sent.v1 ${id}  (InvalidEventError: `);
    expect(letters()).toEqual([{ id, state: "ready" }]);
  });

  it("is named when no letter has its id", async () => {
    await letWrongEventDie();
    const { code, stderr } = await fanfare("redrive", "ledger", "--id", "no-such-id");

    expect(code).toBe(1);
    expect(stderr).toContain("fanfare: no letter has the id no-such-id\n");
    expect(letters()).toHaveLength(1);
  });
});

describe("an event that has taken effect", () => {
  it("takes no effect again when a letter of it is sent back, also by two operators at once", async () => {
    const events = Array.from({ length: 30 }, () => emailEvent());
    for (const event of events) await sendTo(DEAD_LETTER_QUEUE, JSON.stringify(event));
    await cloud.send(ledger, JSON.stringify(events[0]));
    await Promise.all([fanfare("redrive", "ledger", "--all"), fanfare("redrive", "ledger", "--all")]);
    await cloud.settle();

    expect(letters()).toEqual([]);
    expect(await Promise.all(events.map(({ id }) => entries(id)))).toEqual(events.map(() => 1));
  });

  it("is edited only under another id, for under its own other data would be dropped", async () => {
    const event = emailEvent();
    await cloud.send(ledger, JSON.stringify(event));
    await cloud.settle();
    await sendTo(DEAD_LETTER_QUEUE, JSON.stringify(event));
    const data = JSON.stringify({ ...emailSent.example, orderId: event.id, subject: "Corrected" });
    const refused = await fanfare("edit", "ledger", "--id", event.id, "--data", data, "--redrive");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("has taken effect in ledger already") });
    expect(letters()).toHaveLength(1);

    const edited = await fanfare("edit", "ledger", "--id", event.id, "--data", data, "--redrive", "--new-id");
    await cloud.settle();
    expect(edited.code).toBe(0);
    expect(letters()).toEqual([]);
    const journal = (await cloud.items(ledger, entry)).filter(({ data }) => JSON.stringify(data).includes(event.id));
    expect(journal).toHaveLength(2);
  });
});

it("an event that SNS could not deliver is listed apart, and sent to its one service", async () => {
  const event = emailEvent();
  await sendTo("fanfare-dev-ledger-notifications-undelivered", JSON.stringify(event));
  expect((await fanfare("list", "ledger")).stdout).toMatch(/^ledger +0 +1 /m);
  expect((await fanfare("show", "ledger", "--undelivered")).stdout).toContain("not delivered by SNS, no reason recorded");

  const { stdout } = await fanfare("redrive", "ledger", "--all", "--undelivered");
  await cloud.settle();

  expect(stdout).toBe("1 letter sent back to fanfare-dev-ledger\n");
  expect(cloud.cloud.queue("fanfare-dev-ledger-notifications-undelivered").messages).toEqual([]);
  expect(await entries(event.id)).toBe(1);
});

describe("fanfare dlq purge", () => {
  it("deletes nothing where nobody confirms it", async () => {
    await letWrongEventDie();
    const { code, stderr } = await fanfare("purge", "ledger", "--all");

    expect(code).toBe(1);
    expect(stderr).toMatch(/^fanfare: nobody is there to confirm/);
    expect(letters()).toHaveLength(1);
  });

  it("deletes what is meant, and keeps it in a file that has what an export has", async () => {
    const [gone, left] = [await letWrongEventDie(), await letWrongEventDie()];
    const exported = await fanfare("export", "ledger", "--id", gone);
    const { code, stdout } = await fanfare("purge", "ledger", "--id", gone, "--yes");

    const file = readdirSync(folder).find((name) => name.startsWith("ledger-dev-letters-")) ?? "";
    expect({ code, stdout }).toEqual({ code: 0, stdout: `1 letter deleted; ${file} keeps them\n` });
    expect(readFileSync(join(folder, file), "utf8")).toBe(exported.stdout);
    expect(JSON.parse(exported.stdout)).toMatchObject({ event: { id: gone }, reason: { errorName: "InvalidEventError" } });
    expect(letters()).toEqual([{ id: left, state: "ready" }]);
  });
});
