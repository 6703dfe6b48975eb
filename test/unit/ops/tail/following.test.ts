import { createServer, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type FollowCloudWatchOptions, followCloudWatch } from "#lib/ops/tail/cloudwatch-entries.ts";
import type { Entry } from "#lib/ops/tail/entry.ts";
import { followLaptop } from "#lib/ops/tail/laptop-entries.ts";

const servers = new Set<Server>();
afterEach(() => {
  for (const server of servers) server.close().closeAllConnections();
  servers.clear();
});

/** Something that looks like the laptop cloud: each stream that is asked for is handed to the test, with its `since`. */
async function serve(
  onStream: (stream: ServerResponse, since: number) => void,
  port = 0,
): Promise<{ port: number; stop: () => void }> {
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" }).flushHeaders();
    onStream(response, Number(new URL(request.url ?? "", "http://localhost").searchParams.get("since")));
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  const stop = () => server.close().closeAllConnections();
  return { port: typeof address === "object" && address ? address.port : 0, stop };
}

const line = (activity: object) => `${JSON.stringify(activity)}\n`;
const notice = (time: number, text: string) => line({ kind: "notice", time, line: text });

describe("following the laptop cloud", () => {
  it("tells what functions wrote, what was published and which invocations failed, by the services' short names", async () => {
    const activities = [
      { kind: "publish", time: 1, topic: "fanfare-dev-orders", type: "order.placed.v1", bytes: 700 },
      { kind: "log", time: 2, function: "fanfare-dev-orders", line: "hello" },
      {
        kind: "invocation",
        time: 3,
        function: "fanfare-dev-orders",
        requestId: "r",
        records: 1,
        durationMilliseconds: 3,
        outcome: "ok",
      },
      { kind: "of a later version", time: 4 },
      {
        kind: "invocation",
        time: 5,
        function: "fanfare-dev-orders",
        requestId: "r",
        records: 2,
        durationMilliseconds: 9.6,
        outcome: "exit",
        error: "code 1",
      },
    ];
    const { port } = await serve((stream) => stream.write(activities.map(line).join("")));
    const entries = await first(3, port);

    expect(entries).toMatchObject([
      { kind: "publish", service: "orders", message: "order.placed.v1 published, 700 bytes" },
      { kind: "log", service: "orders", message: "hello" },
      { kind: "invocation", service: "orders", level: "error", reason: "code 1", milliseconds: 10 },
    ]);
  });

  it("says when the cloud stops, waits for it, and goes on where it had stopped", async () => {
    const states: string[] = [];
    const sinces: number[] = [];
    const cloud = await serve((stream, since) => {
      sinces.push(since);
      stream.write(notice(50, "one"));
    });
    const controller = new AbortController();
    const entries: string[] = [];
    const following = followLaptop({
      endpoint: `http://127.0.0.1:${cloud.port}`,
      prefix: "fanfare-dev-",
      since: 7,
      signal: controller.signal,
      pauseMilliseconds: 1,
      onConnection: (state) => {
        states.push(state);
        if (state !== "lost") return;
        void serve((stream, since) => {
          sinces.push(since);
          stream.write(notice(60, "two"));
        }, cloud.port);
      },
    });
    for await (const { message } of following) {
      entries.push(message);
      if (message === "one") cloud.stop();
      else controller.abort();
    }

    expect(entries).toEqual(["one", "two"]);
    expect(states).toEqual(["open", "lost", "back"]);
    expect(sinces).toEqual([7, 50]);
  });

  it("fails when no cloud answers at the start", async () => {
    const { port, stop } = await serve(() => {});
    stop();

    await expect(first(1, port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  async function first(count: number, port: number): Promise<Entry[]> {
    const controller = new AbortController();
    const entries: Entry[] = [];
    const options = { endpoint: `http://127.0.0.1:${port}`, prefix: "fanfare-dev-", since: 0, onConnection: () => {} };
    for await (const entry of followLaptop({ ...options, signal: controller.signal })) {
      if (entries.push(entry) === count) controller.abort();
    }
    return entries;
  }
});

describe("following CloudWatch Logs", () => {
  type Logged = { eventId: string; timestamp: number; message: string };

  /** Log groups by name; `onPoll` is told of every call for lines. */
  function logsOf(groups: Readonly<Record<string, Logged[]>>, onPoll = () => {}): FollowCloudWatchOptions["logs"] {
    const send = async ({ input }: { input: { logGroupNamePrefix?: string; logGroupName?: string; startTime?: number } }) => {
      if (input.logGroupName === undefined) {
        const names = Object.keys(groups).filter((name) => name.startsWith(input.logGroupNamePrefix!));
        return { logGroups: names.map((logGroupName) => ({ logGroupName })) };
      }
      onPoll();
      return { events: groups[input.logGroupName]!.filter(({ timestamp }) => timestamp >= (input.startTime ?? 0)) };
    };
    return { send } as FollowCloudWatchOptions["logs"];
  }

  it("tells each line once, in the order of time, late ones too", async () => {
    const orders: Logged[] = [{ eventId: "2", timestamp: 2_000, message: "second\n" }];
    const payments: Logged[] = [{ eventId: "1", timestamp: 1_000, message: "first" }];
    let polls = 0;
    const logs = logsOf(
      { "/fanfare/prod/orders": orders, "/fanfare/prod/payments": payments, "/fanfare/dev/orders": [] },
      () => {
        // The first poll is one call per group.
        if (++polls === 3) payments.push({ eventId: "3", timestamp: 1_500, message: "late" });
      },
    );
    const controller = new AbortController();
    const entries: string[] = [];
    const options = { groupPrefix: "/fanfare/prod/", since: 0, onOpen: () => {}, pauseMilliseconds: 1 };
    for await (const { service, message } of followCloudWatch({ logs, ...options, signal: controller.signal })) {
      entries.push(`${service}: ${message}`);
      if (entries.length === 3) controller.abort();
    }

    expect(entries).toEqual(["payments: first", "orders: second", "payments: late"]);
  });

  it("fails where the stage has no log groups", async () => {
    const signal = AbortSignal.timeout(60_000);
    const following = followCloudWatch({ logs: logsOf({}), groupPrefix: "/fanfare/prod/", since: 0, signal, onOpen: () => {} });

    await expect(following.next()).rejects.toThrow("no log group /fanfare/prod/*");
  });
});
