import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { hash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { ROOT } from "../../../bin/root.ts";
import { parsed } from "../../support/unreliable-aws/aws-call.ts";

/** How a command ended that read a long file. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Most memory that the process had, in megabytes. */
  readonly megabytes: number;
}

/** Says at the end how much memory the process had at most: Linux's own word, since maxRSS begins with that of the process that started it. */
const TELL_MEMORY = `data:text/javascript,process.on("exit",()=>{let kb=process.resourceUsage().maxRSS;try{kb=/VmHWM:\\s*(\\d+)/.exec(process.getBuiltinModule("node:fs").readFileSync("/proc/self/status","utf8"))[1]}catch{}process.stderr.write(\`maxRSS \${kb}\\n\`)})`;

/** SSM, SNS and SQS that take everything at once, so that the command is what takes time and memory. */
export async function startTakingAll() {
  const server = createServer((request, response) => {
    answer(request).then(
      (body) => void response.end(body),
      () => void response.destroy(),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server is not listening");
  const endpoint = `http://127.0.0.1:${address.port}`;
  return {
    endpoint,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };

  async function answer(request: IncomingMessage): Promise<string> {
    const body = await text(request);
    const target = request.headers["x-amz-target"];
    return typeof target === "string" ? jsonAnswer(target, body) : publishAnswer(body);
  }

  function jsonAnswer(target: string, body: string): string {
    if (target.endsWith("SendMessage"))
      return JSON.stringify({ MessageId: "m", MD5OfMessageBody: hash("md5", fieldOf(body, "MessageBody")) });
    return JSON.stringify({
      Parameter: { Name: "topic", Value: "arn:aws:sns:us-east-1:000000000000:orders" },
      QueueUrl: `http://127.0.0.1/000000000000/${fieldOf(body, "QueueName")}`,
      Attributes: { ApproximateNumberOfMessages: "0", ApproximateNumberOfMessagesNotVisible: "0" },
    });
  }
}

function fieldOf(json: string, name: string): string {
  const field = parsed(json)?.[name];
  return typeof field === "string" ? field : "";
}

function publishAnswer(body: string): string {
  const ids = [...body.matchAll(/member\.\d+\.Id=(\d+)/g)].map(([, id]) => id);
  const taken = ids.map((id) => `<member><Id>${id}</Id><MessageId>m</MessageId></member>`).join("");
  const result = `<PublishBatchResult><Successful>${taken}</Successful><Failed/></PublishBatchResult>`;
  return `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishBatchResponse>`;
}

/**
 * Runs a command that reads a file of any length, which is generated while it is read.
 *
 * @param parameters of the command; `FILE` stands for the file
 * @param folder takes a named pipe
 */
export async function readLongFile(
  parameters: readonly string[],
  lines: Iterable<string | Uint8Array>,
  endpoint: string,
  folder: string,
): Promise<Ended> {
  const path = join(folder, `${crypto.randomUUID()}.ndjson`);
  execFileSync("mkfifo", [path]);
  const child = spawn(
    process.execPath,
    [
      "--import",
      TELL_MEMORY,
      "bin/fanfare.ts",
      ...parameters.map((one) => (one === "FILE" ? path : one)),
      "--endpoint",
      endpoint,
    ],
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
  );
  const ended = new AbortController();
  const exit = once(child, "exit").finally(() => ended.abort());
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  // A command that ends early reads no further.
  await pipeline(lines, createWriteStream(path), { signal: ended.signal }).catch(() => {});
  await exit;
  const told = await stderr;
  const kilobytes = Number(/^maxRSS (\d+)$/m.exec(told)?.[1]);
  return { code: child.exitCode, stdout: await stdout, stderr: told, megabytes: kilobytes / 1_024 };
}
