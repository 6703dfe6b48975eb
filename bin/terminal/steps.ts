import { paintFor } from "./paint.ts";

/** Shows the steps of a task, each with the time it took. */
export interface Steps {
  /** Ends the current step and begins one; with `over`, the current step continues under a new name. */
  readonly begin: (name: string, options?: { over?: boolean }) => void;
  /** Adds a word to the current step. */
  readonly amend: (word: string) => void;
  /** Ends the current step. */
  readonly end: () => void;
}

/** Shows steps as lines: when each is done, and on a terminal also when it begins. */
export function showSteps(stream: NodeJS.WriteStream): Steps {
  const paint = paintFor(stream);
  let current: { name: string; started: number } | undefined;
  const end = (): void => {
    if (!current) return;
    const time = `${((performance.now() - current.started) / 1_000).toFixed(2)} s`;
    stream.write(`${stream.isTTY ? "\r\u001B[K" : ""}${paint("green", "✓")} ${current.name} ${paint("dim", time)}\n`);
    current = undefined;
  };
  return {
    begin: (name, options) => {
      if (!options?.over) end();
      current = { name, started: current?.started ?? performance.now() };
      if (stream.isTTY) stream.write(`\r\u001B[K  ${name} …`);
    },
    amend: (word) => {
      if (current) current.name += ` (${word})`;
    },
    end,
  };
}
