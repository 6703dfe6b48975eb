import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, it } from "vitest";
import { emailSent } from "#events";
import { start, startAws } from "./aws-of-test.ts";

const folder = mkdtempSync(join(tmpdir(), "fanfare-prod-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lines = join(folder, "three.ndjson");
writeFileSync(lines, `${JSON.stringify(emailSent.example)}\n`.repeat(3));

const letter = { MessageId: "m1", ReceiptHandle: "r1", Body: "x", MD5OfBody: "9dd4e461268c8034f5c8564e155c67a6" };

/** An account's queues and topics, with 17 letters by SQS's count; of what changes something, it is told. */
async function startProd() {
  const changes: string[] = [];
  let receives = 0;
  const endpoint = await startAws((operation) => {
    if (operation === "GetQueueUrl") return { QueueUrl: `${endpoint}/111122223333/queue` };
    if (operation === "GetParameter") return { Parameter: { Value: "arn:aws:sns:eu-west-1:111122223333:emails" } };
    if (operation === "GetQueueAttributes") return { Attributes: { ApproximateNumberOfMessages: receives > 0 ? "0" : "17" } };
    if (operation === "ReceiveMessage") return ++receives === 1 ? { Messages: [letter] } : {};
    if (/^(Send|Delete|Publish)/.test(operation)) changes.push(operation);
    return {};
  });
  return { endpoint, changes };
}

it.each([
  [["dlq", "redrive", "ledger", "--all"], "about 17 letters will be sent back to"],
  [["dlq", "import", "ledger", "--file", lines, "--from", "2"], "2 letters of"],
  [["publish", "email.sent.v1", "--file", lines], "3 events of"],
  [["dlq", "purge", "ledger", "--all"], "deleting letters needs a confirmation"],
])(
  "a stage that keeps data is not changed by %j where nobody can be asked, and the operator reads what would be",
  async (command, what) => {
    const { endpoint, changes } = await startProd();
    const child = start([...command, "--stage", "prod"], {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "key",
    });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);

    expect(code).toBe(1);
    expect(stderr).toContain(what);
    expect(stderr).toMatch(
      /stage prod at .*expected --yes, or a terminal|deleting letters needs a confirmation: expected --yes/,
    );
    expect(changes).toEqual([]);
  },
);
