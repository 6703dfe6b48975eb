import type { Cloud } from "../../lib/local/cloud.ts";
import type { Paint } from "./paint.ts";

/** What runs, as a page for the terminal: which topic feeds which queues, functions and tables, and three things to try. */
export async function overview(
  cloud: Cloud,
  { paint, provider }: { paint: Paint; provider: string | undefined },
): Promise<string> {
  const { endpoint, topics, queues, tables, missing } = await cloud.status();
  const width = Math.max(...topics.map(({ name }) => name.length), 0);
  const port = new URL(endpoint).port;
  const flag = port === "4566" ? "" : ` --port ${port}`;
  const lines = [
    "",
    `${paint("bold", "Fanfare runs")} at ${paint("cyan", endpoint)} (region us-east-1, any credentials)`,
    "",
    ...topics.map(({ name, subscriptions }) => {
      const receivers = [...new Set(subscriptions.map(({ queue }) => queue))];
      return `  ${name.padEnd(width)} ${paint("dim", "→")} ${receivers.join(", ") || paint("dim", "nobody")}`;
    }),
    "",
    `  ${queues.filter(({ drainedBy }) => drainedBy).length} services, each with its queue, dead-letter queue, function and table; ${tables.length} tables`,
    ...(provider ? [`  payment provider (a stand-in): ${provider}`] : []),
    ...missing.map(({ type, stack, consequence }) => paint("yellow", `  not here: ${type} in ${stack}: ${consequence}`)),
    "",
    "Try, in another terminal:",
    `  npx fanfare publish order.placed.v1 --example${flag}   ${paint("dim", "an order goes through every service")}`,
    `  npx fanfare tail --since 5m${flag}                     ${paint("dim", "what each service did with it")}`,
    `  npx fanfare status --watch${flag}                      ${paint("dim", "topics, queues, functions and tables, with counts")}`,
    "",
    "Edit functions/*/handler.ts and save: the code is swapped. Ctrl-C ends it.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}
