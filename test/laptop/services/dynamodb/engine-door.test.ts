import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { BLOCKED_PORTS, hiddenAddresses, urlOf } from "#lib/laptop/services/dynamodb/engine/address.ts";
import { startDynoxide } from "#lib/laptop/services/dynamodb/engine/dynoxide.ts";
import { EngineTransport } from "#lib/laptop/services/dynamodb/engine/socket-transport.ts";
import { attackFromPage, chromium } from "../../../support/browser/hostile-page.ts";

const CREATE_TABLE = "DynamoDB_20120810.CreateTable";

const creation = {
  TableName: "evil",
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  BillingMode: "PAY_PER_REQUEST",
};

async function runEngine() {
  const engine = await startDynoxide({ onDeath: () => {} });
  onTestFinished(() => engine.stop());
  const transport = new EngineTransport(engine.address);
  onTestFinished(() => transport.close());
  const tables = async (): Promise<unknown> =>
    JSON.parse((await transport.send("DynamoDB_20120810.ListTables", "{}")).body.toString());
  return { engine, tables };
}

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

test("an engine listens where the Fetch standard lets no page connect, and works there", async () => {
  const { engine, tables } = await runEngine();
  expect(BLOCKED_PORTS).toContain(engine.address.port);
  await expect(fetch(engine.endpoint)).rejects.toMatchObject({ cause: { message: "bad port" } });
  expect(await tables()).toEqual({ TableNames: [] });
});

test.each(BLOCKED_PORTS)("the Fetch standard blocks port %i on every address", async (port) => {
  for (const host of ["127.83.12.9", "localhost", "[::1]"])
    await expect(fetch(`http://${host}:${port}`, { method: "POST", mode: "no-cors" })).rejects.toMatchObject({
      cause: { message: "bad port" },
    });
});

test.skipIf(process.platform === "darwin")("an engine is one of 16 million addresses, and not at 127.0.0.1", async () => {
  const { engine } = await runEngine();
  expect(engine.address.host).toMatch(/^127\.\d+\.\d+\.\d+$/);
  const socket = connect(engine.address.port, "127.0.0.1");
  const [error] = await once(socket, "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});

test("macOS, which has two loopback addresses, gets both", async () => {
  const hosts = new Set<string>();
  for await (const { host } of hiddenAddresses("darwin")) hosts.add(host);
  expect([...hosts].toSorted((a, b) => a.localeCompare(b))).toEqual(["::1", "127.0.0.1"]);
});

test.skipIf(chromium === undefined)(
  "a hostile page in Chromium gets not one connection to any address that an engine may have",
  async () => {
    const { engine, tables } = await runEngine();
    const { host } = await hiddenAddress();
    const control = await openServer("127.0.0.1", 0);
    const hidden = await Promise.all(BLOCKED_PORTS.map((port) => openServer(host, port)));
    const endpoints = [control, ...hidden, engine].map(({ endpoint }) => endpoint);
    await attackFromPage(endpoints, { target: CREATE_TABLE, body: creation });
    expect(control.connections()).toBeGreaterThan(0);
    expect(hidden.filter(({ connections }) => connections() > 0).map(({ endpoint }) => endpoint)).toEqual([]);
    expect(await tables()).toEqual({ TableNames: [] });
  },
);
