import { once } from "node:events";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { BLOCKED_PORTS, hiddenAddresses, urlOf } from "#lib/laptop/services/dynamodb/engine/address.ts";
import { attackFromPage, chromium } from "../support/browser/hostile-page.ts";
import { sized } from "../support/proof.ts";
import { runEngine } from "../support/run-engine.ts";

/** Each takes a page some seconds on a busy machine. */
const PORTS = sized({ short: BLOCKED_PORTS.slice(0, 2), long: BLOCKED_PORTS });

const CREATE_TABLE = "DynamoDB_20120810.CreateTable";

const creation = {
  TableName: "evil",
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  BillingMode: "PAY_PER_REQUEST",
};

async function hiddenAddress() {
  for await (const address of hiddenAddresses()) return address;
  throw new Error("no free address");
}

/** A server that lets every page do everything, as the engine does, and counts who connects. */
async function openServer(host: string, port: number) {
  let connections = 0;
  const server = createServer((_, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*", "access-control-allow-headers": "*" }).end("{}");
  });
  server.on("connection", () => (connections += 1));
  server.listen(port, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return { endpoint: urlOf({ host, port: address.port }), connections: () => connections };
}

test.skipIf(chromium === undefined)(
  "a hostile page in Chromium gets not one connection to any address that an engine may have",
  async () => {
    const { engine, tables } = await runEngine();
    const { host } = await hiddenAddress();
    const control = await openServer("127.0.0.1", 0);
    const hidden = await Promise.all(PORTS.map((port) => openServer(host, port)));
    const endpoints = [control, ...hidden, engine].map(({ endpoint }) => endpoint);
    await attackFromPage(endpoints, { target: CREATE_TABLE, body: creation });
    expect(control.connections()).toBeGreaterThan(0);
    expect(hidden.filter(({ connections }) => connections() > 0).map(({ endpoint }) => endpoint)).toEqual([]);
    expect(await tables()).toEqual({ TableNames: [] });
  },
);
