import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { clientConfig, codeFolder, lambda, runCloud, temporaryFolder, writeAssembly } from "../../../support/cloud-support.ts";

const version = (number: number) => `export const handler = async () => ${number};`;

const PATIENCE = { timeout: 10_000 };

/** Runs a function from a folder that people edit. */
async function edited(folder: string) {
  const cloud = await runCloud({
    assembly: writeAssembly({ shop: { Resources: { Hello: lambda("hello", "code") } } }, { code: folder }),
  });
  const client = new LambdaClient(clientConfig(cloud));
  return {
    invoke: async () => {
      const { Payload } = await client.send(new InvokeCommand({ FunctionName: "hello" }));
      return Number(Buffer.from(Payload ?? []).toString());
    },
    notices: () => cloud.activity.recent().flatMap((it) => (it.kind === "notice" ? [it.line] : [])),
  };
}

test.skipIf(process.platform === "win32").each<[string, (folder: string) => unknown]>([
  ["a named pipe", (folder) => execFileSync("mkfifo", [join(folder, "pipe")])],
  ["a link to a named pipe", (folder) => execFileSync("sh", ["-c", 'mkfifo "$0.pipe" && ln -s "$0.pipe" "$0/pipe"', folder])],
  [
    "a socket",
    (folder) => {
      const server = createServer().listen(join(folder, "socket"));
      onTestFinished(() => void server.close());
    },
  ],
  ["a link to its own folder", (folder) => symlinkSync(folder, join(folder, "loop"))],
  ["a link to itself", (folder) => symlinkSync("self", join(folder, "self"))],
  ["a link that leads nowhere", (folder) => symlinkSync("/no/such/file", join(folder, "dangling"))],
  ["a link to a folder", (folder) => symlinkSync(temporaryFolder(), join(folder, "linked"))],
])("new code is run where a code folder holds %s", async (_what, add) => {
  const folder = codeFolder(version(1));
  add(folder);
  const { invoke } = await edited(folder);
  expect(await invoke()).toBe(1);
  writeFileSync(join(folder, "index.mjs"), version(2));
  await expect.poll(invoke, PATIENCE).toBe(2);
});

test("a change behind a link is noticed", async () => {
  const shared = temporaryFolder();
  writeFileSync(join(shared, "answer.mjs"), "export const answer = 1;");
  const folder = codeFolder('import { answer } from "./shared/answer.mjs"; export const handler = async () => answer;');
  symlinkSync(shared, join(folder, "shared"), "junction");
  const { invoke, notices } = await edited(folder);
  writeFileSync(join(shared, "answer.mjs"), "export const answer = 2;");
  await expect.poll(notices, PATIENCE).toContain("hello runs new code");
  expect(await invoke()).toBe(2);
});

test.skipIf(process.platform !== "linux")("a file that cannot be read is named, and the others are reloaded", async () => {
  const folder = codeFolder(version(1));
  symlinkSync("/proc/self/mem", join(folder, "unreadable"));
  const { invoke, notices } = await edited(folder);
  await vi.waitUntil(() => notices().length > 0, PATIENCE);
  expect(notices()).toEqual([expect.stringMatching(/^hello: changes of .*unreadable are not noticed: /)]);
  writeFileSync(join(folder, "index.mjs"), version(2));
  await expect.poll(invoke, PATIENCE).toBe(2);
});

test("a folder with more files than can be looked at says that changes are not noticed", async () => {
  const folder = codeFolder(version(1));
  mkdirSync(join(folder, "many"));
  for (let i = 0; i <= 10_000; i += 1) writeFileSync(join(folder, "many", String(i)), "");
  const { invoke, notices } = await edited(folder);
  expect(await invoke()).toBe(1);
  expect(notices()).toContainEqual(
    expect.stringMatching(/^hello: changes of its code are not noticed: more than 10000 files are in .+ and what it links to$/),
  );
});
