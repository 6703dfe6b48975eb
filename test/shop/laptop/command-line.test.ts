import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { emailSent } from "#events";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { ASSEMBLY, ROOT } from "../../../bin/root.ts";

/** Lines of a file that is published. */
const LINES = 300;

const folder = mkdtempSync(join(tmpdir(), "fanfare-cli-"));
let cloud: Cloud;

beforeAll(async () => {
  // No event of these tests reaches the payment provider.
  const parameters = { "/fanfare/dev/payments/PAYMENT_PROVIDER_URL": "http://127.0.0.1:9" };
  cloud = await startCloud({ assembly: ASSEMBLY, port: 0, parameters });
});

afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `fanfare` to its end, against the test's cloud. */
function fanfare(parameters: readonly string[], input = ""): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["bin/fanfare.ts", ...parameters],
      { cwd: ROOT, env: environment() },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, AWS_ENDPOINT_URL: cloud.endpoint, NO_COLOR: "1" };
}

const email = (orderId: string) => JSON.stringify({ ...emailSent.example, orderId });

describe("fanfare publish", () => {
  it("publishes an event, prints its id, and the services handle it", async () => {
    const { code, stdout, stderr } = await fanfare(["publish", "email.sent.v1", "--data", email("one"), "--id", "cli-one"]);
    await cloud.settled();

    expect({ code, stdout }).toEqual({ code: 0, stdout: "cli-one\n" });
    expect(stderr).toContain("npx fanfare tail --since 5m --event cli-one");
    expect((await fanfare(["status", "--json"])).stdout).toMatch(/"name": "fanfare-dev-ledger",\s+"items": [1-9]/);
  });

  it("publishes the good lines of standard input, names the bad ones, and keeps them in a file", async () => {
    const refused = join(folder, "refused.ndjson");
    const lines = [email("two"), "{oops", email("three"), "{}"];
    const { code, stdout, stderr } = await fanfare(["publish", "email.sent.v1", "-", "--refused", refused], lines.join("\n"));
    await cloud.settled();

    expect(code).toBe(1);
    expect(stdout.trim().split("\n")).toHaveLength(2);
    expect(stderr).toMatch(/^line 2 refused: not JSON/m);
    expect(stderr).toMatch(/^line 4 refused: email\.sent\.v1: data\./m);
    expect(stderr).toContain("2 published, 2 refused by the contract, 0 failed");
    const kept = readFileSync(refused, "utf8")
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(kept).toMatchObject([
      { line: 2, text: "{oops" },
      { line: 4, text: "{}" },
    ]);
  });

  it("publishes every line of a file", async () => {
    const file = join(folder, "many.ndjson");
    writeFileSync(file, Array.from({ length: LINES }, (_, index) => `${email(`many-${index}`)}\n`).join(""));
    const { code, stdout, stderr } = await fanfare(["publish", "email.sent.v1", "--file", file]);

    expect(code).toBe(0);
    expect(new Set(stdout.trim().split("\n")).size).toBe(LINES);
    expect(stderr).toContain(`${LINES} published`);
    await cloud.settled(60_000);
  });
});

describe("fanfare tail", () => {
  it("shows what each service did with an event, and ends on Ctrl-C", async () => {
    const child = spawn(process.execPath, ["bin/fanfare.ts", "tail", "--event", "0042"], { cwd: ROOT, env: environment() });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exit = new Promise<number | null>((resolve) => void child.once("exit", resolve));
    await firstLine(child.stderr, /^following/);
    const line = firstLine(child.stdout, /0042/);
    await fanfare(["publish", "email.sent.v1", "--data", email("0042")]);

    expect(await line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ledger +✓ email\.sent\.v1 +0042 +#1 +\d+ ms$/);
    child.kill("SIGINT");
    expect(await exit).toBe(0);
  });

  function firstLine(stream: NodeJS.ReadableStream, expected: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const lines = createInterface(stream);
      lines.on("line", (line) => expected.test(line) && resolve(line));
      lines.once("close", () => reject(new Error(`the stream ended without a line like ${expected}`)));
    });
  }
});

describe("fanfare status", () => {
  it("has every service's queue, function and table, and fails the check once there are dead letters", async () => {
    const clean = await fanfare(["status", "--check"]);
    expect(clean.code).toBe(0);
    for (const service of ["orders", "inventory", "payments", "notifications", "ledger"]) {
      expect(clean.stdout.match(new RegExp(`^fanfare-dev-${service} `, "gm"))?.length).toBeGreaterThanOrEqual(3);
    }

    await sendToQueue("fanfare-dev-ledger", "{oops");
    await cloud.settled();
    const dead = await fanfare(["status", "--check"]);

    expect(dead.code).toBe(2);
    expect(dead.stdout).toContain("fanfare-dev-ledger-dlq: 1 that the service could not handle");
  });

  it("says how to start the laptop cloud when none answers", async () => {
    const { code, stderr } = await fanfare(["status", "--port", "1"]);

    expect(code).toBe(1);
    expect(stderr).toBe("fanfare: no laptop cloud answers at http://127.0.0.1:1: start it with `npm start`\n");
  });

  async function sendToQueue(name: string, body: string): Promise<void> {
    const { SendMessageCommand, SQSClient } = await import("@aws-sdk/client-sqs");
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const sqs = new SQSClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
    await sqs.send(new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/${name}`, MessageBody: body }));
  }
});
