import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { emailSent, orderPlaced } from "#events";
import { createEnvelope } from "#lib/contracts/index.ts";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { ASSEMBLY, ROOT } from "../../bin/root.ts";
import { takeStock } from "../../bin/demo/stock-take.ts";

/** What must never be read where it does not belong: part of every value that these tests send. */
const CANARY = "canary4711";

/** The reason of a letter, an event's id, type and subject are how an operator finds an event: they are told, and not marked here. */
const order = {
  ...orderPlaced.example,
  customer: { ...orderPlaced.example.customer, email: `reject@${CANARY}.example` },
  lines: orderPlaced.example.lines.map((line) => ({ ...line, description: CANARY })),
};
const broken = { ...orderPlaced.example, lines: CANARY, customer: { id: [CANARY], [CANARY]: CANARY } };

const folder = mkdtempSync(join(tmpdir(), "fanfare-canary-"));
const persist = join(folder, "state");
const seen: string[] = [];
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({
    assembly: ASSEMBLY,
    port: 0,
    persist,
    secrets: { "/fanfare/dev/payments/PAYMENT_API_KEY": CANARY },
    // It becomes a variable in the environment of payments, whose calls to it fail.
    parameters: { "/fanfare/dev/payments/PAYMENT_PROVIDER_URL": `http://user:${CANARY}@127.0.0.1:9/${CANARY}` },
    onProgress: (step) => void seen.push(step),
  });
  cloud.activity.subscribe((activity) => void seen.push(JSON.stringify(activity)));
});

afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the cloud has told since it started: its activity, which holds the functions' logs. */
function told(): readonly string[] {
  return [...seen, ...cloud.activity.recent().map((activity) => JSON.stringify(activity))];
}

function environment(): NodeJS.ProcessEnv {
  const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: CANARY, AWS_SESSION_TOKEN: CANARY };
  return { ...process.env, ...credentials, AWS_ENDPOINT_URL: cloud.endpoint, NO_COLOR: "1" };
}

/** Runs `fanfare`, and hands back all that it wrote. */
function fanfare(parameters: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve) => {
    const program = ["bin/fanfare.ts", ...parameters];
    const child = execFile(process.execPath, program, { cwd: ROOT, env: environment() }, (_, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    );
    child.stdin?.end(input);
  });
}

function clientConfig() {
  const credentials = { accessKeyId: "test", secretAccessKey: CANARY, sessionToken: CANARY };
  return { endpoint: cloud.endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
}

/** Sends the canary by every way into the system. */
async function sendEverywhere(): Promise<void> {
  const sns = new SNSClient(clientConfig());
  const sqs = new SQSClient(clientConfig());
  const ssm = new SSMClient(clientConfig());
  const publish = (body: string) =>
    sns.send(
      new PublishCommand({
        TopicArn: "arn:aws:sns:us-east-1:000000000000:fanfare-dev-orders",
        Message: body,
        Subject: CANARY,
        MessageAttributes: {
          type: { DataType: "String", StringValue: orderPlaced.type },
          note: { DataType: "String", StringValue: CANARY },
        },
      }),
    );
  const event = createEnvelope(orderPlaced, order, { source: "test", id: "valid" });
  await publish(JSON.stringify(event));
  // Without stock it is rejected, and its customer's address with it; the second one is paid for.
  await cloud.settled();
  const skus = order.lines.map(({ sku }) => sku);
  await takeStock(new DynamoDBClient(clientConfig()), "fanfare-dev-inventory", skus, 1_000);
  await publish(JSON.stringify({ ...event, id: "paid", subject: "paid", data: { ...order, orderId: "paid" } }));
  for (const body of [JSON.stringify({ ...event, id: "broken", data: broken }), `{"data":"${CANARY}`, CANARY]) {
    await publish(body);
    await sqs.send(
      new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/000000000000/fanfare-dev-ledger`, MessageBody: body }),
    );
  }
  const secret = { Name: "/secret", Value: CANARY, Type: "SecureString" } as const;
  await ssm.send(new PutParameterCommand(secret));
  await expect(ssm.send(new PutParameterCommand(secret))).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
  expect((await ssm.send(new GetParameterCommand({ Name: "/secret", WithDecryption: true }))).Parameter?.Value).toBe(CANARY);
  const Payload = JSON.stringify({ Records: [{ messageId: "1", body: CANARY, attributes: {}, eventSource: CANARY }] });
  await new LambdaClient(clientConfig()).send(new InvokeCommand({ FunctionName: "fanfare-dev-ledger", Payload }));
  const garbled = { "x-amz-target": "AmazonSSM.PutParameter", authorization: `Credential=${CANARY}` };
  for (const body of [CANARY, `{"Name":"${CANARY}"`, `{"${CANARY}":{}}`])
    await fetch(cloud.endpoint, { method: "POST", headers: garbled, body });
}

test("a secret that goes through every path of the laptop cloud is in no log, no notice and no command's output", async () => {
  await sendEverywhere();
  const outputs = [
    await fanfare(["publish", emailSent.type, "--data", JSON.stringify({ ...emailSent.example, subject: CANARY })]),
    await fanfare(["publish", orderPlaced.type, "--data", JSON.stringify(broken)]),
    await fanfare(["publish", orderPlaced.type, "--data", `{"orderId": "${CANARY}`]),
    await fanfare(["publish", orderPlaced.type, "--data", CANARY]),
    await fanfare(
      ["publish", orderPlaced.type, "--stdin", "--refused", join(folder, "refused.ndjson")],
      `${JSON.stringify(broken)}\n"${CANARY}"\n{"a":${CANARY}}\n`,
    ),
    await fanfare(["chaos", "add", "throttle", "--rate", "20%", "--api", "ses"]),
  ];
  cloud.skipWaits();
  await vi.waitUntil(() => cloud.queues.deadLetters("fanfare-dev-ledger").length >= 3, { timeout: 20_000 });
  outputs.push(
    await fanfare(["status"]),
    await fanfare(["status", "--json"]),
    await fanfare(["dlq", "list"]),
    await fanfare(["dlq", "redrive", "ledger", "--all", "--dry-run"]),
    await fanfare(["chaos", "list"]),
    await fanfare(["chaos", "clear"]),
    await tailUntil("dead"),
  );

  const written = outputs.join("\n");
  for (const text of ["not JSON", "throttle", "fanfare-dev-ledger"]) expect(written).toContain(text);
  expect(outputs.filter((output) => output.includes(CANARY))).toEqual([]);
  for (const text of ["event dead", "event done", "retry"]) expect(told().join("\n")).toContain(text);
  expect(told().filter((line) => line.includes(CANARY))).toEqual([]);
  // Beside the data, the folder holds nothing that could be a log.
  expect(
    readdirSync(persist, { recursive: true })
      .map(String)
      .filter((name) => /log|txt|out|err/.test(name)),
  ).toEqual([]);
}, 90_000);

/** Follows what has happened until a line says so, in both forms. */
async function tailUntil(text: string): Promise<string> {
  const outputs = [
    ["tail", "--since", "1h"],
    ["tail", "--since", "1h", "--json"],
  ].map(
    (parameters) =>
      new Promise<string>((resolve) => {
        const child = spawn(process.execPath, ["bin/fanfare.ts", ...parameters], { cwd: ROOT, env: environment() });
        let output = "";
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding("utf8").on("data", (part: string) => {
            output += part;
            if (output.includes(text) || output.includes("✗")) child.kill("SIGINT");
          });
        child.once("close", () => resolve(output));
      }),
  );
  return (await Promise.all(outputs)).join("\n");
}
