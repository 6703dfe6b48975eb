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
  type Page = { events: Logged[]; nextToken?: string };
  type Input = { logGroupName: string; startTime: number };

  const GROUP = "/fanfare/prod/orders";

  /** CloudWatch with these log groups; `answer` gives the pages of lines. */
  function logsOf(
    groups: () => readonly string[],
    answer: (input: Input, call: number) => Page,
  ): FollowCloudWatchOptions["logs"] {
    let calls = 0;
    const send = async ({ input }: { input: { logGroupNamePrefix?: string } & Partial<Input> }) => {
      const { logGroupName, logGroupNamePrefix = "", startTime = 0 } = input;
      if (logGroupName !== undefined) return answer({ logGroupName, startTime }, ++calls);
      const found = groups().filter((name) => name.startsWith(logGroupNamePrefix));
      return { logGroups: found.map((name) => ({ logGroupName: name })) };
    };
    return { send } as FollowCloudWatchOptions["logs"];
  }

  const logged = (eventId: string, timestamp: number): Logged => ({ eventId, timestamp, message: `text ${eventId}` });
  const from = (lines: readonly Logged[], { startTime }: Input): Page => ({
    events: lines.filter(({ timestamp }) => timestamp >= startTime),
  });

  /** The lines up to a number of them, or until the polls are over. */
  async function follow(
    logs: FollowCloudWatchOptions["logs"],
    { lines, ...options }: Partial<FollowCloudWatchOptions> & { lines: number },
    controller = new AbortController(),
  ): Promise<string[]> {
    const shown: string[] = [];
    const { signal } = controller;
    const defaults = { logs, groupPrefix: "/fanfare/prod/", since: 0, signal, onOpen: () => {}, pauseMilliseconds: 1 };
    for await (const { service, message } of followCloudWatch({ ...defaults, ...options })) {
      if (shown.push(`${service}: ${message}`) === lines) controller.abort();
    }
    return shown;
  }

  it("tells each line once, in the order of time, late ones too", async () => {
    const orders = [logged("second", 2_000)];
    const payments = [logged("first", 1_000)];
    const names = [GROUP, "/fanfare/prod/payments", "/fanfare/dev/orders"];
    const logs = logsOf(
      () => names,
      (input, call) => {
        // The first poll is one call for each group.
        if (call === 3) payments.push(logged("late", 1_500));
        return from(input.logGroupName === GROUP ? orders : payments, input);
      },
    );

    expect(await follow(logs, { lines: 3 })).toEqual(["payments: text first", "orders: text second", "payments: text late"]);
  });

  it("shows a line that CloudWatch takes in 30 s after a newer one", async () => {
    const now = Date.now();
    const lines = [logged("new", now)];
    const logs = logsOf(
      () => [GROUP],
      (input, call) => {
        if (call === 2) lines.push(logged("late", now - 30_000));
        return from(lines, input);
      },
    );

    expect(await follow(logs, { lines: 2, since: now - 60_000 })).toEqual(["orders: text new", "orders: text late"]);
  });

  it("shows what is written from now on, and not what was there, with a clock two minutes fast", async () => {
    const start = Date.now() - 120_000;
    const lines = [logged("before", start - 1)];
    const logs = logsOf(
      () => [GROUP],
      (input, call) => {
        if (call > 1) lines.push(logged(`line ${call}`, start + call));
        return from(lines, input);
      },
    );

    expect(await follow(logs, { lines: 2, since: Date.now() })).toEqual(["orders: text line 2", "orders: text line 3"]);
  });

  it("goes on after a poll that failed, and says so", async () => {
    const troubles: unknown[] = [];
    const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    const logs = logsOf(
      () => [GROUP],
      (_, call) => {
        if (call === 2) throw throttled;
        return { events: [logged(`line ${call}`, Date.now())] };
      },
    );

    expect(await follow(logs, { lines: 2, onTrouble: (error) => troubles.push(error) })).toHaveLength(2);
    expect(troubles).toEqual([throttled]);
  });

  it("ends with AWS's refusal of the credentials: the next poll would meet it too", async () => {
    const expired = Object.assign(new Error("The security token is expired"), { name: "ExpiredTokenException" });
    const logs = logsOf(
      () => [GROUP],
      () => {
        throw expired;
      },
    );

    await expect(follow(logs, { lines: 1 })).rejects.toBe(expired);
  });

  it("shows the first lines before it has read all pages, and ends in the middle of them when it is interrupted", async () => {
    let pages = 0;
    const logs = logsOf(
      () => [GROUP],
      () => ({ events: [logged(`line ${++pages}`, pages)], nextToken: "more" }),
    );

    expect(await follow(logs, { lines: 5 })).toHaveLength(5);
    expect(pages).toBeLessThan(10);
  });

  it("follows a service that is deployed later", async () => {
    let searches = 0;
    const logs = logsOf(
      () => [GROUP, ...(++searches > 1 ? ["/fanfare/prod/new"] : [])],
      ({ logGroupName }) => ({ events: logGroupName.endsWith("new") ? [logged("hello", 5)] : [] }),
    );

    expect(await follow(logs, { lines: 1 })).toEqual(["new: text hello"]);
  });

  it("fails where the stage has no log groups", async () => {
    const logs = logsOf(
      () => [],
      () => ({ events: [] }),
    );

    await expect(follow(logs, { lines: 1 })).rejects.toThrow("no log group /fanfare/prod/*");
  });
});
