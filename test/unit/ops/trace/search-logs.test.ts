import { type CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect, test } from "vitest";
import { searchLogs } from "#lib/ops/trace/search-logs.ts";

const line = { level: "INFO", message: "event done", outcome: "done", trace: { id: "t", span: "s", parent: "p" } };

test("a search reads every log group of the stage for a text as it is, page by page", async () => {
  const asked: object[] = [];
  const search = searchLogs({ logs: logsOf(["/fanfare/prod/orders", "/fanfare/prod/ledger"], asked), ...PROD });

  const entries = await search('say "hi" \\ there');
  expect(entries.map(({ service, time }) => [service, time])).toEqual([
    ["orders", 1],
    ["orders", 2],
    ["ledger", 1],
    ["ledger", 2],
  ]);
  expect(asked[0]).toMatchObject({ filterPattern: '"say \\"hi\\" \\\\ there"', startTime: 5 });
});

test("a stage with many log groups is searched a few at a time: CloudWatch throttles searches", async () => {
  let running = 0;
  let most = 0;
  const names = Array.from({ length: 12 }, (_, index) => `/fanfare/prod/service-${index}`);
  const send = async (command: object): Promise<object> => {
    if (command instanceof DescribeLogGroupsCommand) return { logGroups: names.map((logGroupName) => ({ logGroupName })) };
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    return { events: [{ timestamp: 1, message: JSON.stringify(line) }] };
  };

  expect(await searchLogs({ logs: { send }, ...PROD })("x")).toHaveLength(12);
  expect(most).toBeLessThanOrEqual(4);
});

test("a stage without log groups is said to be one", async () => {
  const search = searchLogs({ logs: logsOf([], []), ...PROD });
  await expect(search("x")).rejects.toThrow("there is no log group /fanfare/prod/*: is the stage deployed in this region?");
});

const PROD = { groupPrefix: "/fanfare/prod/", since: 5 };

/** Log groups, each with two pages of one line. */
function logsOf(names: readonly string[], asked: object[]): Pick<CloudWatchLogsClient, "send"> {
  const send = async (command: object): Promise<object> => {
    if (command instanceof DescribeLogGroupsCommand) return { logGroups: names.map((logGroupName) => ({ logGroupName })) };
    if (!(command instanceof FilterLogEventsCommand)) throw new Error("nothing else is asked of the logs");
    asked.push(command.input);
    const page = command.input.nextToken === undefined ? 1 : 2;
    return { events: [{ timestamp: page, message: `${JSON.stringify(line)}\n` }], ...(page === 1 && { nextToken: "more" }) };
  };
  return { send };
}
