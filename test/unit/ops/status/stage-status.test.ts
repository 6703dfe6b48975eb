import { describe, expect, it } from "vitest";
import { countDeadLetters, readStageStatus, type StatusClients } from "#lib/ops/status/stage-status.ts";
import { chooseTarget } from "#lib/ops/target.ts";
import { statusPage } from "../../../../bin/commands/status/status-page.ts";

/** The time by AWS's clock, wherever this machine's stands. */
const NOW = Date.parse("2026-11-20T12:00:00Z");

type Answers = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>>;

/** A client that answers each operation as the test says. */
function client(answers: Answers) {
  const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
    const answer = answers[command.constructor.name.replace(/Command$/, "")];
    if (!answer) throw new Error(`unexpected ${command.constructor.name}`);
    return answer(command.input);
  };
  return { send };
}

const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:111122223333:${name}`;
const redrive = (queue: string) => JSON.stringify({ deadLetterTargetArn: arn("sqs", queue), maxReceiveCount: 5 });

/** One service that consumes one topic, in an account that has other things too. The lists come in two pages each. */
function account({ dead = 0, undelivered = 0 } = {}): StatusClients {
  const counts: Record<string, number> = {
    "fanfare-prod-orders": 4,
    "fanfare-prod-orders-dlq": dead,
    "fanfare-prod-orders-orders-undelivered": undelivered,
  };
  const page = <Item>(token: unknown, items: readonly Item[]) =>
    token === undefined ? { items: items.slice(0, 1), next: "second" } : { items: items.slice(1), next: undefined };
  return {
    sns: client({
      ListTopics: ({ NextToken }) => {
        const { items, next } = page(NextToken, ["somebody-elses", "fanfare-prod-orders"]);
        return { Topics: items.map((name) => ({ TopicArn: arn("sns", name) })), NextToken: next };
      },
      ListSubscriptionsByTopic: () => ({
        Subscriptions: [
          { SubscriptionArn: arn("sns", "fanfare-prod-orders:1"), Endpoint: arn("sqs", "fanfare-prod-orders") },
          { SubscriptionArn: "PendingConfirmation", Endpoint: "ops@shop.example" },
        ],
      }),
      GetSubscriptionAttributes: () => ({ Attributes: { RedrivePolicy: redrive("fanfare-prod-orders-orders-undelivered") } }),
    }),
    sqs: client({
      ListQueues: ({ QueueNamePrefix, NextToken }) => {
        expect(QueueNamePrefix).toBe("fanfare-prod-");
        const { items, next } = page(NextToken, Object.keys(counts));
        return { QueueUrls: items.map((name) => `https://sqs.eu-west-1.amazonaws.com/111122223333/${name}`), NextToken: next };
      },
      GetQueueAttributes: ({ QueueUrl }) => {
        const name = String(QueueUrl).split("/").at(-1)!;
        return {
          Attributes: {
            ApproximateNumberOfMessages: String(counts[name]),
            ApproximateNumberOfMessagesNotVisible: "0",
            ApproximateNumberOfMessagesDelayed: "0",
            ...(name === "fanfare-prod-orders" && { RedrivePolicy: redrive("fanfare-prod-orders-dlq") }),
          },
        };
      },
    }),
    dynamodb: client({
      ListTables: ({ ExclusiveStartTableName }) => {
        const { items, next } = page(ExclusiveStartTableName, ["another", "fanfare-prod-orders"]);
        return { TableNames: items, LastEvaluatedTableName: next };
      },
      DescribeTable: () => ({ Table: { ItemCount: 1_234 } }),
    }),
    lambda: client({
      ListFunctions: ({ Marker }) => {
        const { items, next } = page(Marker, ["fanfare-prod-orders", "fanfare-dev-orders"]);
        return { Functions: items.map((FunctionName) => ({ FunctionName })), NextMarker: next };
      },
    }),
    now: () => NOW,
    cloudwatch: client({
      GetMetricData: () => ({
        MetricDataResults: [
          { Id: "invocations0", Values: [5, 7] },
          { Id: "errors0", Values: [] },
        ],
      }),
    }),
  };
}

const prod = chooseTarget({ stage: "prod" }, { AWS_REGION: "eu-west-1" });

describe("a stage's status", () => {
  it("has everything of the stage, over all pages, and nothing else of the account", async () => {
    const status = await readStageStatus(prod, "fanfare-prod-", account({ dead: 2 }));

    expect(status).toMatchObject({
      stage: "prod",
      topics: [{ name: "fanfare-prod-orders", subscriptions: 1 }],
      queues: [{ name: "fanfare-prod-orders", waiting: 4, inFlight: 0, delayed: 0 }],
      functions: [{ name: "fanfare-prod-orders", invocations: 12, errors: 0 }],
      functionsCounted: "in the last hour",
      tables: [{ name: "fanfare-prod-orders", items: 1_234 }],
    });
  });

  it("puts the dead letters of a queue and of the subscriptions into it beside the queue", async () => {
    const status = await readStageStatus(prod, "fanfare-prod-", account({ dead: 2, undelivered: 1 }));

    expect(status.queues).toHaveLength(1);
    expect(status.queues[0]?.deadLetterQueues).toEqual([
      { name: "fanfare-prod-orders-dlq", of: "handling", deadLetters: 2 },
      { name: "fanfare-prod-orders-orders-undelivered", of: "delivery", deadLetters: 1 },
    ]);
    expect(countDeadLetters(status)).toBe(3);
  });
});

describe("the status page", () => {
  it("names in red the dead-letter queues that hold something, and says how old the counts of AWS's tables are", async () => {
    const page = statusPage(
      await readStageStatus(prod, "fanfare-prod-", account({ undelivered: 1 })),
      (style, text) => `<${style}>${text}`,
    );

    expect(page).toContain("<red>fanfare-prod-orders-orders-undelivered: 1 that SNS could not deliver");
    expect(page.join("\n")).not.toContain("fanfare-prod-orders-dlq");
    expect(page.join("\n")).toContain("AWS counts items about every six hours");
  });

  it("aligns numbers on the right, with their thousands apart", async () => {
    const page = statusPage(await readStageStatus(prod, "fanfare-prod-", account()), (_style, text) => text);

    expect(page).toContain("TABLE                ITEMS");
    expect(page).toContain("fanfare-prod-orders  1,234");
  });
});
