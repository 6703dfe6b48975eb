import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import * as v from "valibot";
import { orderPlaced } from "#events";
import { createPublisher } from "#lib/runtime/index.ts";
import { takeStock } from "../../bin/demo/stock-take.ts";
import type { Measurement } from "../measurement.ts";
import { npmStart } from "./npm-start.ts";
import { cpuSeconds, processTree, residentBytes, type ProcessUse } from "../processes.ts";
import { copyProject } from "./project-copy.ts";

const IDLE_SECONDS = 25;
const REACH = { coreShare: 0.02, megabytes: 400 };

/** What the running system takes while it has nothing to do, once every service has handled an event. */
export const idle: Measurement = {
  name: "idle",
  async run(say) {
    await using project = await copyProject();
    say("npm start, and one order through every service");
    const running = await npmStart(project.folder);
    try {
      await placeOrder(running.endpoint);
      await untilAllHaveRun(running.endpoint);
      say(`${IDLE_SECONDS} s of nothing`);
      const before = systemOf(running.pid);
      await delay(IDLE_SECONDS * 1_000);
      const after = systemOf(running.pid);
      const share = (cpuSeconds(after) - cpuSeconds(before)) / IDLE_SECONDS;
      const memory = Math.max(...[before, after].map((processes) => residentBytes(processes) / 1e6));
      const each = after.map(({ command, residentBytes }) => `${nameOf(command)} ${(residentBytes / 1e6).toFixed(0)} MB`);
      return [
        {
          what: "idle: CPU / memory",
          measured: `${(share * 100).toFixed(1)} % / ${memory.toFixed(0)} MB`,
          reach: `≤ ${REACH.coreShare * 100} % of a core / ≤ ${REACH.megabytes} MB`,
          reached: share <= REACH.coreShare && memory <= REACH.megabytes,
          comparison: `Over ${IDLE_SECONDS} s, the server and its children, the larger of the memory before and after. After: ${each.join(", ")}`,
        },
      ];
    } finally {
      await running.interrupt();
    }
  },
};

async function placeOrder(endpoint: string): Promise<void> {
  const client = { endpoint, region: "us-east-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } };
  const skus = orderPlaced.example.lines.map(({ sku }) => sku);
  await takeStock(new DynamoDBClient(client), "fanfare-dev-inventory", skus, 100);
  const topicArns = new Map([["orders", "arn:aws:sns:us-east-1:000000000000:fanfare-dev-orders"]]);
  const publisher = createPublisher({ source: "bench", topicArns, sns: new SNSClient(client) });
  await publisher.publish(orderPlaced, orderPlaced.example);
}

const status = v.object({
  functions: v.array(v.object({ drains: v.array(v.string()), invocations: v.number(), running: v.number() })),
  queues: v.array(v.object({ ready: v.number(), inFlight: v.number(), delayed: v.number() })),
});

/** @throws Error when a service has not handled its part of the order after half a minute. */
async function untilAllHaveRun(endpoint: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const response = await fetch(`${endpoint}/_fanfare/status`);
    const { functions, queues } = v.parse(status, await response.json());
    // A relay has nothing to do here: the order is no request.
    const allHaveRun = functions.every(
      ({ drains, invocations, running }) => running === 0 && (drains.length === 0 || invocations > 0),
    );
    if (allHaveRun && queues.every(({ ready, inFlight, delayed }) => ready + inFlight + delayed === 0)) return;
    await delay(100);
  }
  throw new Error("the order has not gone through every service");
}

/** The server and its children, without npm and the shell that it starts scripts by. */
function systemOf(npm: number): ProcessUse[] {
  const server = processTree(npm).find(({ command }) => /^\S*node \S*bin\/fanfare\.ts start/.test(command));
  if (!server) throw new Error("npm start runs no server");
  return processTree(server.pid);
}

function nameOf(command: string): string {
  return command.split(" ", 1)[0]?.split("/").at(-1) ?? "";
}
