import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCloud } from "#lib/laptop/index.ts";
import { runCloud, table, temporaryFolder, writeAssembly } from "../support/cloud-support.ts";

const QUEUE = { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders" } };

/** How a start with this state fails. */
const failure = (options: { assembly: string; persist: string }) =>
  startCloud({ ...options, port: 0 }).then(() => "started", String);

describe("state that is damaged is named, with what to do", () => {
  const assembly = onceFolder();
  const kept = onceFolder();

  // A folder as a killed cloud leaves it, with 300 items and 300 messages.
  beforeAll(async () => {
    writeAssembly({ shop: { Resources: { Queue: QUEUE, Table: table("orders") } } }, {}, assembly);
    const script = `
      import { startCloud } from ${JSON.stringify(join(import.meta.dirname, "../../lib/laptop/index.ts"))};
      import { DynamoDBClient, BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
      import { SQSClient, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
      const cloud = await startCloud({ assembly: ${JSON.stringify(assembly)}, persist: ${JSON.stringify(kept)}, port: 0 });
      const config = { endpoint: cloud.endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
      const QueueUrl = cloud.endpoint + "/000000000000/orders";
      const [tables, queues] = [new DynamoDBClient(config), new SQSClient(config)];
      for (let first = 0; first < 300; first += 10) {
        const names = Array.from({ length: 10 }, (_, n) => String(first + n));
        const orders = names.map((S) => ({ PutRequest: { Item: { pk: { S } } } }));
        await tables.send(new BatchWriteItemCommand({ RequestItems: { orders } }));
        await queues.send(new SendMessageBatchCommand({ QueueUrl, Entries: names.map((Id) => ({ Id, MessageBody: Id })) }));
      }
      // The size of the logs is noted every second.
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 1_500);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      stdio: "inherit",
    });
    await once(child, "exit");
  }, 60_000);

  function killed(): { assembly: string; persist: string } {
    const persist = temporaryFolder();
    cpSync(kept, persist, { recursive: true });
    return { assembly, persist };
  }

  test("of a cloud that was killed: its logs", async () => {
    const { assembly, persist } = killed();
    for (const name of ["dynamodb.sqlite-wal", "cloud.sqlite-wal"]) {
      const log = join(persist, name);
      const whole = readFileSync(log);
      const overwritten = Buffer.from(whole);
      overwritten.fill(7, overwritten.length >> 1, (overwritten.length >> 1) + 40_000);
      writeFileSync(log, overwritten);
      expect(await failure({ assembly, persist })).toContain(`${log} is damaged (frame `);
      writeFileSync(log, whole);
    }
    const again = await runCloud({ assembly, persist });
    expect(again.queues.look("orders").messages).toHaveLength(300);
    expect((await again.status()).tables).toEqual([{ name: "orders", items: 300 }]);
  });

  test.each([
    ["truncated", (log: string) => truncateSync(log, 100_000), " bytes and had "],
    ["deleted", (log: string) => rmSync(log), " is missing: the last run kept it."],
  ])("of a cloud that was killed: a log that was %s", async (_, damage, expected) => {
    const { assembly, persist } = killed();
    const log = join(persist, "cloud.sqlite-wal");
    damage(log);
    expect(await failure({ assembly, persist })).toContain(
      `${log}${expected === " bytes and had " ? " has 100000" : ""}${expected}`,
    );
  });

  test.each([
    [
      "a database that was overwritten",
      "cloud.sqlite",
      (file: string) => writeFileSync(file, readFileSync(file).fill(7, 4_096, 12_000)),
      " is damaged (",
    ],
    [
      "a table's database that was overwritten",
      "dynamodb.sqlite",
      (file: string) => writeFileSync(file, readFileSync(file).fill(7, 4_096, 12_000)),
      " is damaged (",
    ],
    ["a database that was cut", "dynamodb.sqlite", (file: string) => truncateSync(file, 5_000), " has 5000 bytes and had "],
    ["a file that is gone", "parameters.json", (file: string) => rmSync(file), " is missing: the last run kept it."],
    [
      "a file that holds something else",
      "parameters.json",
      (file: string) => writeFileSync(file, `{"a":"${" ".repeat(500)}"}`),
      " is not as a cloud would have left it.",
    ],
  ])("of a cloud that was stopped: %s", async (_, name, damage, expected) => {
    const persist = temporaryFolder();
    const assembly = writeAssembly({ shop: { Resources: { Queue: QUEUE, Table: table("orders") } } });
    await (await startCloud({ assembly, persist, port: 0, parameters: { "/kept": "yes" } })).stop();
    expect([existsSync(join(persist, "cloud.sqlite-wal")), existsSync(join(persist, "dynamodb.sqlite-wal"))]).toEqual([
      false,
      false,
    ]);
    const file = join(persist, name);
    damage(file);
    expect(await failure({ assembly, persist })).toContain(`${file}${expected}`);
    // Said again, until somebody has done something about it.
    expect(await failure({ assembly, persist })).toContain(`${file}${expected}`);
  });
});

test.each([
  ["a file", (path: string) => writeFileSync(path, ""), (path: string) => `${path} cannot keep state: EEXIST: `],
  [
    "a folder whose lock cannot be opened",
    (path: string) => mkdirSync(join(path, "lock.sqlite"), { recursive: true }),
    (path: string) =>
      `${join(path, "lock.sqlite")} cannot be locked: unable to open database file. Delete it, or use another folder.`,
  ],
  [
    "a folder with another in the place of a database",
    (path: string) => mkdirSync(join(path, "cloud.sqlite"), { recursive: true }),
    (path: string) => `${join(path, "cloud.sqlite")} is damaged (unable to open database file). Restore it, or delete it`,
  ],
])("a place that cannot keep state is named: %s", async (_, make, expected) => {
  const assembly = writeAssembly({ shop: { Resources: { Queue: QUEUE } } });
  const persist = join(temporaryFolder(), "state");
  make(persist);
  expect(await failure({ assembly, persist })).toContain(expected(persist));
});

/** A folder that goes with the tests of its group. */
function onceFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fanfare-cloud-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
