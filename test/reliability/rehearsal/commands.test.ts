import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { emailSent } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { parseExportLine } from "#lib/ops/dead-letters/import-letter.ts";
import { ASSEMBLY, ROOT } from "../../../bin/root.ts";
import { clientConfig } from "../../support/cloud-support.ts";
import { isLong } from "../../support/proof.ts";
import { badDay } from "../../support/unreliable-aws/faults.ts";
import { UnreliableAws } from "../../support/unreliable-aws/unreliable-aws.ts";

/** Bad days, each with faults of its own. */
const SEEDS = [1, 2];

const QUEUE = "fanfare-dev-ledger";
const DEAD = "fanfare-dev-ledger-dlq";

/** How often an operator runs a command again that says it is not done. */
const ROUNDS = 10;

const folder = mkdtempSync(join(tmpdir(), "fanfare-rehearsal-"));
let cloud: Cloud;

beforeAll(async () => {
  // No event of these tests reaches the payment provider.
  const parameters = { "/fanfare/dev/payments/PAYMENT_PROVIDER_URL": "http://127.0.0.1:9" };
  if (isLong) cloud = await startCloud({ assembly: ASSEMBLY, port: 0, parameters });
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});
// What a command before has hidden is visible again.
beforeEach(() => cloud?.clock.advance(12 * 3_600_000));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A bad day with a clock a day off, and a command line that meets it as the stage dev of AWS. */
async function startBadDay(seed: number) {
  const answer = ({ operation }: { readonly operation: string }) =>
    operation === "GetMetricData" ? { MetricDataResults: [] } : undefined;
  const clockAhead = seed % 2 === 0 ? 86_400_000 : -86_400_000;
  const aws = await UnreliableAws.start({ cloud, seed, faults: { ...badDay, clockAhead }, answer });
  onTestFinished(() => aws[Symbol.asyncDispose]());
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    NO_COLOR: "1",
  };
  const fanfare = (...parameters: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const command = ["bin/fanfare.ts", ...parameters, "--stage", "dev"];
      const child = execFile(process.execPath, command, { cwd: ROOT, env }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
      child.stdin?.end();
    });
  return { fanfare };
}

/** Runs a command again until it ends with 0. Returns all runs. */
async function untilDone(run: () => Promise<Ended>): Promise<Ended[]> {
  const runs: Ended[] = [];
  do {
    if (runs.length === ROUNDS) throw new Error(`not done after ${ROUNDS} runs: ${runs.at(-1)?.stderr}`);
    runs.push(await run());
    cloud.clock.advance(12 * 3_600_000);
  } while (runs.at(-1)?.code !== 0);
  return runs;
}

/** Puts wrong events into the ledger's dead-letter queue, as it refuses them. */
async function letDie(name: string, letters: number): Promise<string[]> {
  const sqs = new SQSClient(clientConfig(cloud));
  const ids = Array.from({ length: letters }, (_, index) => `${name}-${index}`);
  for (const id of ids) {
    const body = { ...createEnvelope(emailSent, emailSent.example, { source: "test", id }), data: { to: 7 } };
    await sqs.send(
      new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/${QUEUE}`, MessageBody: JSON.stringify(body) }),
    );
  }
  await cloud.settled();
  sqs.destroy();
  return ids;
}

/** Ids of the events in the ledger's dead-letter queue. */
function dead(): string[] {
  return cloud.queues.look(DEAD).messages.map(({ body }) => String(/"id":"([^"]+)"/.exec(body)?.[1]));
}

/** The sum of a count that runs have printed: `12 letters deleted`. */
function sum(runs: readonly Ended[], what: RegExp): number {
  return runs.reduce((total, { stdout }) => total + Number(what.exec(stdout)?.[1] ?? 0), 0);
}

describe.runIf(isLong).each(SEEDS)("on bad day %i of AWS", { timeout: 600_000 }, (seed) => {
  it("publish says of each line what became of it", async () => {
    const { fanfare } = await startBadDay(seed);
    const file = join(folder, `mails-${seed}.ndjson`);
    writeFileSync(
      file,
      Array.from(
        { length: 60 },
        (_, index) => `${JSON.stringify({ ...emailSent.example, orderId: `bad-${seed}-${index}` })}\n`,
      ).join(""),
    );
    const runs = await untilDone(() => fanfare("publish", "email.sent.v1", "--file", file));
    await cloud.settled();

    const last = runs.at(-1)!;
    expect(last.stderr).toContain("60 published, 0 refused by the contract, 0 failed");
    // Whatever went wrong before: the same line has the same id.
    expect(new Set(runs.flatMap(({ stdout }) => stdout.trim().split("\n").filter(Boolean))).size).toBe(60);
  });

  it("export, redrive and purge end with 0 when nothing is left to do, and their counts are true", async () => {
    const { fanfare } = await startBadDay(seed);
    const ids = await letDie(`dead-${seed}`, 25);
    expect(dead().toSorted()).toEqual(ids.toSorted());

    let files = 0;
    const file = () => join(folder, `letters-${seed}-${files}.ndjson`);
    await untilDone(() => (files++, fanfare("dlq", "export", "ledger", "--file", file())));
    const exported = readFileSync(file(), "utf8")
      .trim()
      .split("\n")
      .map((line) => parseExportLine(line).body);
    expect(new Set(exported).size).toBe(ids.length);

    const redrives = await untilDone(() => fanfare("dlq", "redrive", "ledger", "--all"));
    await cloud.settled();
    // Each has failed again: nothing is lost, and no letter is there twice that SQS knows of only once.
    expect(new Set(dead())).toEqual(new Set(ids));
    expect(sum(redrives, /^(\d+) letters? sent back/m)).toBeGreaterThan(0);

    const purges = await untilDone(() => fanfare("dlq", "purge", "ledger", "--all", "--yes", "--no-export"));
    expect(dead()).toEqual([]);
    expect(sum(purges, /^(\d+) letters? deleted/m)).toBeGreaterThan(0);
  });

  it("list and status tell the age and the counts by AWS's clock", async () => {
    const { fanfare } = await startBadDay(seed);
    await letDie(`listed-${seed}`, 3);
    const [list] = (await untilDone(() => fanfare("dlq", "list", "ledger"))).slice(-1);
    const [status] = (await untilDone(() => fanfare("status", "--json"))).slice(-1);

    expect(list?.stdout).toMatch(/^ledger +3 +0 +\d+ (s|min|h)$/m);
    const aheadDays = seed % 2 === 0 ? 1 : -1;
    const told = Date.parse(String(/"time": "([^"]+)"/.exec(status?.stdout ?? "")?.[1]));
    expect(Math.abs(told - Date.now() - aheadDays * 86_400_000)).toBeLessThan(600_000);
    await untilDone(() => fanfare("dlq", "purge", "ledger", "--all", "--yes", "--no-export"));
  });
});
