import { createInterface } from "node:readline/promises";

export interface Dialogue {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks the operator to type a word, before something that cannot be undone.
 *
 * @returns whether the word was typed; false also if the question was not answered.
 */
export async function confirmByTyping(
  word: string,
  question: string,
  dialogue: Dialogue = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  const terminal = createInterface(dialogue);
  const ended = new AbortController();
  // Ctrl-C and Ctrl-D would otherwise leave the question open.
  terminal.once("SIGINT", () => ended.abort()).once("close", () => ended.abort());
  try {
    return (await terminal.question(question, { signal: ended.signal })).trim() === word;
  } catch (error) {
    if (ended.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}
