import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { start, startAws } from "./aws-of-test.ts";

describe("a command that AWS fails midway", () => {
  it("says how many letters it has exported until then", async () => {
    let receives = 0;
    const letter = { MessageId: "m1", ReceiptHandle: "r1", Body: "x", MD5OfBody: "9dd4e461268c8034f5c8564e155c67a6" };
    const endpoint = await startAws((operation) => {
      if (operation === "GetQueueUrl") return { QueueUrl: "http://127.0.0.1/000000000000/queue" };
      if (operation !== "ReceiveMessage") return {};
      return ++receives === 1 ? { Messages: [letter] } : undefined;
    });
    const child = start(["dlq", "export", "ledger", "--endpoint", endpoint]);
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);

    expect(code).toBe(1);
    expect(stdout).toContain('"messageId":"m1"');
    expect(stderr).toContain("1 letter exported\n");
    expect(stderr).toMatch(/SQS did not answer: up to \d+ letters may be hidden from everybody for up to \d+ seconds/);
  });

  it("goes on watching the status, and says that it could not be read", async () => {
    let reads = 0;
    const endpoint = await startAws((operation) => {
      if (operation === "ListTopics")
        return "<ListTopicsResponse><ListTopicsResult><Topics/></ListTopicsResult></ListTopicsResponse>";
      if (operation === "ListQueues") return ++reads > 1 && reads < 5 ? undefined : { QueueUrls: [] };
      if (operation === "ListTables") return { TableNames: [] };
      return { Functions: [] };
    });
    const child = start(["status", "--watch", "--json", "--endpoint", endpoint]);
    const stderr = text(child.stderr);
    let shown = 0;
    for await (const _ of createInterface(child.stdout)) if (++shown === 3) break;
    child.kill("SIGINT");
    await once(child, "exit");

    expect(shown).toBe(3);
    expect(await stderr).toContain("the status could not be read (");
  });
});
