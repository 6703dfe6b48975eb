import { createReadStream, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { AnyEventDefinition, TopicDefinition } from "#lib/contracts/index.ts";
import { type Line, readLines } from "#lib/ops/read-lines.ts";

/** Longest line, in bytes: four times what SNS or the claim check takes, since JSON may contain much whitespace. */
const LONGEST_LINE = { plain: 1_048_576, large: 20 * 1_048_576 };

/** The options that choose the events' data. */
export interface InputOptions {
  readonly data?: string | undefined;
  readonly file?: string | undefined;
  readonly stdin?: boolean | undefined;
  readonly example?: boolean | undefined;
}

/** The data of one event, or of many, one per line. */
export type Input =
  | { readonly kind: "one"; readonly lines: readonly [Line] }
  | { readonly kind: "many"; readonly chunks: Readable; readonly bytes?: number };

/**
 * Opens the input that the options choose; by default standard input, unless it is a terminal.
 *
 * @throws Error in one line when there is no input, more than one, or it cannot be read.
 */
export async function openInput(options: InputOptions, event: AnyEventDefinition, stdin: NodeJS.ReadStream): Promise<Input> {
  const { data, file, example } = options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
  if (given.length > 1) throw new Error(`expected one of ${given.map(([name]) => `--${name}`).join(" and ")}`);
  if (data !== undefined) return one(data);
  if (example) return one(JSON.stringify(event.example));
  if (file !== undefined) return openFile(file, longestOf(event.topic));
  if (options.stdin || !stdin.isTTY) return { kind: "many", chunks: stdin };
  throw new Error("no data given: expected --data, --file, - for standard input, or --example for the contract's example");
}

/** Splits the input of many events into lines. */
export function linesOf(chunks: AsyncIterable<Uint8Array>, topic: TopicDefinition): AsyncGenerator<Line> {
  return readLines(chunks, longestOf(topic));
}

function longestOf({ largeEvents }: TopicDefinition): number {
  return largeEvents ? LONGEST_LINE.large : LONGEST_LINE.plain;
}

function one(text: string): Input {
  return { kind: "one", lines: [{ number: 1, text }] };
}

async function openFile(path: string, longest: number): Promise<Input> {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file) throw new Error(`there is no file ${path}`);
  if (file.isDirectory()) throw new Error(`${path} is a folder: expected a file of JSON or NDJSON`);
  if (/\.(ndjson|jsonl)$/i.test(path)) return { kind: "many", chunks: createReadStream(path), bytes: file.size };
  if (file.size > longest)
    throw new Error(
      `${path} has ${file.size} bytes: expected the data of one event, ${longest} at most. Many events are an .ndjson file`,
    );
  return one((await readFile(path, "utf8")).replace(/^\uFEFF/, ""));
}
