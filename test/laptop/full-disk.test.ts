import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect, onTestFinished, test } from "vitest";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { clientConfig, runCloud, temporaryFolder, writeAssembly } from "../support/cloud-support.ts";

const assembly = () =>
  writeAssembly({
    shop: {
      Resources: {
        Orders: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders", VisibilityTimeout: 0 } },
        Fifo: { Type: "AWS::SQS::Queue", Properties: { QueueName: "orders.fifo", FifoQueue: true } },
      },
    },
  });

/** A disk of 4 MB; undefined where this user may mount none. */
function smallDisk(): string | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", ["--lazy", folder]));
  return folder;
}

const disk = smallDiskOnce();

/** Whether there can be one is found out before the tests. */
function smallDiskOnce(): boolean {
  try {
    execFileSync("sh", ["-c", 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d" && rmdir "$d"'], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

function fill(folder: string): string {
  const file = join(folder, "filler");
  for (
    let size = statfsSync(folder).bavail * statfsSync(folder).bsize;
    size > 0;
    size = statfsSync(folder).bavail * statfsSync(folder).bsize
  )
    writeFileSync(file, Buffer.alloc(size), { flag: "a" });
  return file;
}

const urlOf = (cloud: Cloud, name: string) => `${cloud.endpoint}/000000000000/${name}`;
const bodies = (cloud: Cloud, name = "orders") => cloud.queues.look(name).messages.map(({ body }) => body);

test.skipIf(!disk)(
  "on a full disk what is refused is not there, a queue is drained all the same, and all is well when there is room",
  async () => {
    const persist = smallDisk() ?? "";
    const cloud = await startCloud({ assembly: assembly(), persist, port: 0 });
    const sqs = new SQSClient(clientConfig(cloud));
    const ssm = new SSMClient(clientConfig(cloud));
    const QueueUrl = urlOf(cloud, "orders");
    for (const MessageBody of ["a", "b", "c"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const filler = fill(persist);

    // What fits into pages that there are already is taken: the first refusal is awaited.
    const large = "x".repeat(100_000);
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: large }))).rejects.toMatchObject({
      name: "ServiceUnavailable",
    });
    const fifo = {
      QueueUrl: urlOf(cloud, "orders.fifo"),
      MessageBody: large,
      MessageGroupId: "g",
      MessageDeduplicationId: "d",
    };
    await expect(sqs.send(new SendMessageCommand(fifo))).rejects.toMatchObject({ name: "ServiceUnavailable" });
    const Entries = [{ Id: "1", MessageBody: large }];
    const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(Failed).toMatchObject([{ Id: "1", SenderFault: false, Code: "ServiceUnavailable" }]);
    await expect(
      ssm.send(new PutParameterCommand({ Name: "/large", Value: large.slice(0, 4_000), Type: "String" })),
    ).rejects.toThrow("ENOSPC");
    await expect(ssm.send(new GetParameterCommand({ Name: "/large" }))).rejects.toMatchObject({ name: "ParameterNotFound" });
    expect([bodies(cloud), bodies(cloud, "orders.fifo")]).toEqual([["a", "b", "c"], []]);

    for (const body of ["a", "b"]) {
      const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 30 }));
      expect(message?.Body).toBe(body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    }
    expect(bodies(cloud)).toEqual(["c"]);

    rmSync(filler);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "d" }));
    await sqs.send(new SendMessageCommand(fifo));
    await cloud.stop();
    const again = await runCloud({ assembly: assembly(), persist });
    onTestFinished(() => again.stop());
    expect([bodies(again), bodies(again, "orders.fifo")]).toEqual([["c", "d"], [large]]);
  },
);
