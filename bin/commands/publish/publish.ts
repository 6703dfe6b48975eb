import { once } from "node:events";
import { createReadStream } from "node:fs";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import * as v from "valibot";
import { StageNames } from "#lib/constructs/names.ts";
import type { AnyEventDefinition, TopicDefinition } from "#lib/contracts/index.ts";
import { lineId } from "#lib/ops/publish/line-id.ts";
import { type LineResult, publishLines, type PublishSummary } from "#lib/ops/publish/publish-lines.ts";
import type { Line } from "#lib/ops/read-lines.ts";
import { findParameter } from "#lib/ops/stage-parameter.ts";
import { explainFailure, onTarget, type Target } from "#lib/ops/target.ts";
import type { ClaimCheck } from "#lib/runtime/index.ts";
import { eventTable, findEvent } from "./event-types.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { confirmChange, keepsData } from "../confirm-change.ts";
import { lineNumber, parseOptions, targetFlags, targetOptions } from "../options.ts";
import { type Input, linesOf, openInput } from "./input.ts";
import { Progress } from "./progress.ts";
import { createRefusedFile, type RefusedFile } from "./refused-file.ts";

/** Refused lines shown; with more, the whole file is probably wrong, and `--refused` keeps them all. */
const REFUSALS_SHOWN = 50;

const publishOptions = v.object({
  ...targetOptions,
  data: v.optional(v.string()),
  file: v.optional(v.string()),
  stdin: v.optional(v.boolean()),
  example: v.optional(v.boolean()),
  source: v.optional(v.pipe(v.string(), v.regex(/^\S+$/, "expected a name without spaces")), "fanfare-cli"),
  id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256, "expected at most 256 characters"))),
  refused: v.optional(v.string()),
  from: v.optional(lineNumber),
  "new-ids": v.optional(v.boolean()),
  yes: v.optional(v.boolean()),
  list: v.optional(v.boolean()),
});

type PublishOptions = v.InferOutput<typeof publishOptions>;

/**
 * `fanfare publish <type>`: publishes one event, or one per line of input. The ids of published events go to standard output,
 * everything else to standard error. Exit code 1 if any event was not published.
 */
export async function publish(type: unknown, given: unknown): Promise<void> {
  const options = parseOptions(publishOptions, given);
  if (options.list) return console.log(eventTable().join("\n"));
  if (typeof type !== "string") throw new Error("no event type given: `npx fanfare publish --list` shows all");
  const event = findEvent(type);
  const { data, file, stdin, example } = options;
  const input = await openInput({ data, file, stdin, example }, event, process.stdin);
  checkInput(input, options);
  await onTarget(options, async (target) => {
    if (example && keepsData(target) && !options.yes) {
      throw new Error(`--example publishes an invented event, and stage ${target.stage} keeps its data: expected --yes too`);
    }
    const sns = new SNSClient(target.clients);
    const topicParameter = new StageNames(target.stage).topicParameter(event.topic.name);
    const topicArn = await findParameter(new SSMClient(target.clients), topicParameter, target);
    const claimCheck = await openClaimCheck(event.topic, target);
    if (keepsData(target) && !options.yes) {
      const what = `${await describeInput(input, event.topic, options)} will be published to ${event.topic.name}`;
      await confirmChange({ target, client: sns, account: topicArn.split(":")[4], yes: false, what });
    }
    const publication = { options, event, target, sns, topicArn, claimCheck };
    await (input.kind === "one" ? publishOne(publication, input.lines) : publishMany(publication, input));
  });
}

/** The claim check of a topic with large events; the S3 client is only loaded for those. */
async function openClaimCheck({ largeEvents }: TopicDefinition, target: Target): Promise<ClaimCheck | undefined> {
  if (!largeEvents) return undefined;
  const [{ S3Client }, { s3ClaimCheck }] = await Promise.all([
    import("@aws-sdk/client-s3"),
    import("#lib/runtime/publish/s3-claim-check.ts"),
  ]);
  const parameter = new StageNames(target.stage).claimCheckBucketParameter;
  const bucket = await findParameter(new SSMClient(target.clients), parameter, target);
  return s3ClaimCheck({ bucket, s3: new S3Client(target.clients) });
}

function checkInput({ kind }: Input, { id, refused, from, "new-ids": newIds }: PublishOptions): void {
  if (kind === "one" && (from !== undefined || newIds)) {
    throw new Error("--from and --new-ids are for many events: expected an .ndjson file or -");
  }
  if (kind === "many" && id !== undefined) throw new Error("--id is for one event: expected --data, a .json file or --example");
  if (kind === "one" && refused !== undefined) throw new Error("--refused is for many events: expected an .ndjson file or -");
}

interface Publication {
  readonly options: PublishOptions;
  readonly event: AnyEventDefinition;
  readonly target: Target;
  readonly sns: SNSClient;
  readonly topicArn: string;
  readonly claimCheck: ClaimCheck | undefined;
}

async function publishOne({ options, target, ...publication }: Publication, [line]: readonly [Line]): Promise<void> {
  let ended: LineResult | undefined;
  const { error } = await publishLines(single(line), {
    ...publication,
    source: options.source,
    idOf: () => options.id,
    onResult: (result) => void (ended = result),
  });
  if (ended?.outcome !== "published") throw error ? explainFailure(error, target) : new Error(ended?.reason);
  console.log(ended.eventId);
  console.error(
    `published ${publication.event.type}; to follow it: npx fanfare tail --since 5m --event ${ended.eventId}${targetFlags(options)}`,
  );
}

async function* single(line: Line): AsyncGenerator<Line> {
  yield line;
}

async function publishMany(
  { options, target, ...publication }: Publication,
  input: Extract<Input, { kind: "many" }>,
): Promise<void> {
  const refused = options.refused === undefined ? undefined : await createRefusedFile(options.refused);
  const progress = new Progress(process.stderr, input.bytes);
  const signal = untilInterrupted();
  // Standard input may not end for hours.
  signal.addEventListener("abort", () => input.chunks.destroy(), { once: true });
  const { file, from } = options;
  const reached = { line: (from ?? 1) - 1 };
  const report = reporter(progress, refused);
  let summary: PublishSummary;
  try {
    const chunks = untilAborted(progress.counted(input.chunks), signal);
    summary = await publishLines(linesOf(chunks, publication.event.topic), {
      ...publication,
      source: options.source,
      idOf: file === undefined || options["new-ids"] ? undefined : (line) => lineId(publication.event.type, file, line),
      from,
      signal,
      onResult: (result) => {
        reached.line = result.line;
        return report(result);
      },
    });
  } finally {
    progress.clear();
    // Standard input may never end, and would keep the process alive.
    input.chunks.destroy();
    await refused?.close();
  }
  if (!signal.aborted) summarize(summary, progress, options);
  const stopped = `stopped before line ${reached.line + 1}, ${summary.published.toLocaleString("en-US")} published`;
  const again = file === undefined ? "" : `; to go on: --from ${reached.line + 1}`;
  if (signal.aborted) throw new Error(`interrupted: ${stopped}${again}`);
  if (summary.stopped === undefined || !summary.error) return;
  const reason = explainFailure(summary.error, target);
  throw new Error(`${stopped}: ${reason instanceof Error ? reason.message : String(reason)}${again}`);
}

/** Passes chunks on until the signal; a source that was destroyed then has ended. */
async function* untilAborted(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What is about to be published, in words. */
async function describeInput(input: Input, topic: TopicDefinition, { file, from = 1 }: PublishOptions): Promise<string> {
  if (input.kind === "one") return "1 event";
  if (file === undefined) return "every event from standard input";
  let lines = 0;
  for await (const { number } of linesOf(createReadStream(file), topic)) if (number >= from) lines++;
  return `${lines.toLocaleString("en-US")} events of ${file}`;
}

/** Reports each line's result: ids to a pipe or a file, refusals to the terminal and to their own file. */
function reporter(progress: Progress, refused: RefusedFile | undefined): (result: LineResult) => Promise<void> {
  let shown = 0;
  return async (result) => {
    progress.count(result.outcome === "published");
    if (result.outcome === "published") {
      // On a terminal, ids would only scroll the progress away.
      if (!process.stdout.isTTY && process.stdout.writable && !process.stdout.write(`${result.eventId}\n`)) await drained();
      return;
    }
    if (shown++ < REFUSALS_SHOWN) progress.note(`line ${result.line} ${result.outcome}: ${result.reason}`);
    await refused?.write(result);
  };
}

/** Resolves when standard output can take more, or is closed. */
async function drained(): Promise<void> {
  await Promise.race([once(process.stdout, "drain"), once(process.stdout, "close")]).catch(() => {});
}

function summarize({ published, refused, failed }: PublishSummary, progress: Progress, options: PublishOptions): void {
  if (published + refused + failed === 0) throw new Error("the input is empty: expected one JSON object per line");
  const hidden = refused + failed - REFUSALS_SHOWN;
  if (hidden > 0) console.error(`and ${hidden} more lines${options.refused ? "" : ": --refused <path> keeps them all"}`);
  console.error(`${published} published, ${refused} refused by the contract, ${failed} failed (${progress.rate})`);
  if (refused + failed > 0) process.exitCode = 1;
}
