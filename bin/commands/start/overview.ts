import type { Cloud } from "#lib/laptop/index.ts";
import type { CloudStatus } from "#lib/laptop/index.ts";
import { missingTable } from "./missing-table.ts";
import type { Paint } from "../../terminal/paint.ts";

export interface OverviewOptions {
  readonly paint: Paint;
  /** Whether this is Fanfare's own app, and not another cloud assembly. */
  readonly own: boolean;
  /** Address of the stand-in for the payment provider, if one runs. */
  readonly provider: string | undefined;
}

/** The running system as a page for the terminal: which topic feeds whom, what is missing, and what to try. */
export async function overview(cloud: Cloud, options: OverviewOptions): Promise<string> {
  const { paint, own, provider } = options;
  const status = await cloud.status();
  const missing = missingTable(status.missing);
  const lines = [
    "",
    `${paint("bold", own ? "Fanfare runs" : "The app runs")} at ${paint("cyan", status.endpoint)} (region us-east-1, any credentials)`,
    "",
    ...topicLines(status, paint),
    ...urlLines(status, paint),
    `  ${own ? serviceCounts(status) : resourceCounts(status)}`,
    ...(provider ? [`  payment provider (a stand-in): ${provider}`] : []),
    ...(missing.length > 0
      ? ["", "Not here, while the rest runs:", ...missing.map((line) => paint("yellow", `  ${line}`))]
      : []),
    "",
    "Try, in another terminal:",
    ...suggestions(status.endpoint, own).map(([command, what]) => `  ${command}   ${paint("dim", what)}`),
    "",
    own ? "Edit functions/*/handler.ts and save: the code is reloaded. Ctrl-C to stop." : "Ctrl-C to stop.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function topicLines({ topics }: CloudStatus, paint: Paint): string[] {
  const width = Math.max(...topics.map(({ name }) => name.length), 0);
  const lines = topics.map(({ name, subscriptions }) => {
    const receivers = [...new Set(subscriptions.map(({ queue }) => queue))];
    return `  ${name.padEnd(width)} ${paint("dim", "→")} ${receivers.join(", ") || paint("dim", "nobody")}`;
  });
  return lines.length > 0 ? [...lines, ""] : [];
}

function urlLines({ functions }: CloudStatus, paint: Paint): string[] {
  const lines = functions.flatMap(({ name, urls = [] }) =>
    urls.map((url) => `  ${paint("cyan", url)} ${paint("dim", "→")} ${name}`),
  );
  return lines.length > 0 ? [...lines, ""] : [];
}

function serviceCounts({ queues, tables }: CloudStatus): string {
  const services = queues.filter(({ drainedBy }) => drainedBy).length;
  return `${services} services, each with its queue, dead-letter queue, function and table; ${tables.length} tables`;
}

function resourceCounts({ topics, queues, functions, tables }: CloudStatus): string {
  return Object.entries({ topics, queues, functions, tables })
    .map(([name, { length }]) => `${length} ${length === 1 ? name.slice(0, -1) : name}`)
    .join(", ");
}

function suggestions(endpoint: string, own: boolean): [command: string, what: string][] {
  const port = new URL(endpoint).port;
  const flag = port === "4566" ? "" : ` --port ${port}`;
  const first: [string, string] = own
    ? [`npx fanfare publish order.placed.v1 --example${flag}`, "an order goes through every service"]
    : [`aws --endpoint-url ${endpoint} sns list-topics`, "any AWS CLI or SDK works"];
  const commands: [string, string][] = [
    first,
    [`npx fanfare tail --since 5m${flag}`, "what each function did with it"],
    [`npx fanfare status --watch${flag}`, "topics, queues, functions and tables, with counts"],
  ];
  const width = Math.max(...commands.map(([command]) => command.length));
  return commands.map(([command, what]) => [command.padEnd(width), what]);
}
