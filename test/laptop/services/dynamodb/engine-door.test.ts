import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { BLOCKED_PORTS, hiddenAddresses } from "#lib/laptop/services/dynamodb/engine/address.ts";
import { runEngine } from "../../../support/run-engine.ts";

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
