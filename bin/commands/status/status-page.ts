import type { DeadLetterQueueStatus, StageStatus } from "#lib/ops/status/stage-status.ts";
import { printable } from "#lib/ops/printable.ts";
import { type Cell, columns } from "../../terminal/columns.ts";
import type { Paint } from "../../terminal/paint.ts";

/** A stage's status as lines for the terminal. */
export function statusPage(status: StageStatus, paint: Paint): string[] {
  const { stage, place, topics, queues, functions, functionsCounted, tables } = status;
  const counted = functionsCounted.toUpperCase();
  return [
    paint("bold", `Stage ${stage} at ${place}`),
    ...table(
      ["TOPIC", "SUBSCRIPTIONS"],
      topics.map(({ name, subscriptions }) => [printable(name), subscriptions]),
      paint,
    ),
    ...table(
      ["QUEUE", "WAITING", "IN FLIGHT", "DELAYED", "DEAD LETTERS", "UNDELIVERED"],
      queues.map(({ name, waiting, inFlight, delayed, deadLetterQueues }) => [
        printable(name),
        waiting,
        inFlight,
        delayed,
        ...(["handling", "delivery"] as const).map((of) =>
          deadLetters(
            deadLetterQueues.filter((queue) => queue.of === of),
            paint,
          ),
        ),
      ]),
      paint,
    ),
    ...deadLetterQueues(status, paint),
    ...table(
      ["FUNCTION", `INVOCATIONS ${counted}`, "ERRORS"],
      functions.map(({ name, invocations, errors }) => [
        printable(name),
        invocations ?? "?",
        errors ? paint("red", format(errors)) : (errors ?? "?"),
      ]),
      paint,
    ),
    ...table(
      ["TABLE", "ITEMS"],
      tables.map(({ name, items }) => [printable(name), items]),
      paint,
    ),
    ...(functionsCounted === "in the last hour" ? [paint("dim", "Tables: AWS counts items about every six hours.")] : []),
  ];
}

function table(head: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const [first = "", ...lines] = columns([head, ...rows]);
  return ["", paint("dim", first), ...(rows.length === 0 ? ["none"] : lines)];
}

function deadLetters(queues: readonly DeadLetterQueueStatus[], paint: Paint): Cell {
  const count = queues.reduce((sum, queue) => sum + queue.deadLetters, 0);
  return count > 0 ? paint("red", format(count)) : count;
}

/** The dead-letter queues that are not empty, by full name: where to look next. */
function deadLetterQueues({ queues }: StageStatus, paint: Paint): string[] {
  const full = queues.flatMap((queue) => queue.deadLetterQueues).filter((queue) => queue.deadLetters > 0);
  return full.map(({ name, of, deadLetters }) =>
    paint(
      "red",
      `${printable(name)}: ${format(deadLetters)} that ${of === "handling" ? "the service could not handle" : "SNS could not deliver"}`,
    ),
  );
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}
