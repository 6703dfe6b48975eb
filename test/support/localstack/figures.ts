import { createRequire } from "node:module";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { FOLDER } from "./folder.ts";
import type { LocalStack } from "./localstack.ts";

const manifest = v.object({ version: v.string() });

/** Where the figures of the last run are, as JSON of the shape of {@link Figures}. */
export const FIGURES = join(FOLDER, "figures.json");

/** What a run measured. */
export interface Figures {
  /** ISO 8601. */
  readonly finished: string;
  readonly passed: boolean;
  readonly how: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: Readonly<Record<string, number>>;
}

/** Takes the time of the steps of a run, and says which one it is at. */
export class Stopwatch {
  /** The steps that are done. */
  readonly seconds: Record<string, number> = {};
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** @param work is given a way to say how far it is */
  async measure<Result>(step: string, work: (say: (line: string) => void) => Promise<Result>): Promise<Result> {
    const say = (line: string) => this.#print(`${step}: ${line}`);
    const started = performance.now();
    say("...");
    const result = await work(say);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    this.seconds[step] = seconds;
    say(`${seconds} s`);
    return result;
  }
}

/** Writes what was measured to the file and returns it as text for a person. */
export async function report(localstack: LocalStack, seconds: Figures["seconds"], passed: boolean): Promise<string> {
  const versions = {
    LocalStack: localstack.version,
    "aws-cdk": versionOf("aws-cdk"),
    Node: process.version.slice(1),
  };
  const figures: Figures = { finished: new Date().toISOString(), passed, how: localstack.how, versions, seconds };
  await writeFile(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);
  const times = Object.entries(seconds).map(([step, time]) => `${step} ${time} s`);
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${names.join(", ")}, ${localstack.how}\n${times.join(", ")}`;
}

function versionOf(name: string): string {
  return v.parse(manifest, createRequire(import.meta.url)(`${name}/package.json`)).version;
}
