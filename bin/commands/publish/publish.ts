import { once } from "node:events";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import * as v from "valibot";
import { StageNames } from "#lib/constructs/names.ts";
import type { AnyEventDefinition, TopicDefinition } from "#lib/contracts/index.ts";
import { type LineResult, publishLines, type PublishSummary } from "#lib/ops/publish/publish-lines.ts";
import type { Line } from "#lib/ops/read-lines.ts";
import { findParameter } from "#lib/ops/stage-parameter.ts";
import { explainFailure, onTarget, type Target } from "#lib/ops/target.ts";
import type { ClaimCheck } from "#lib/runtime/index.ts";
import { eventTable, findEvent } from "./event-types.ts";
import { parseOptions, targetFlags, targetOptions } from "../options.ts";
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
    const sns = new SNSClient(target.clients);
    const topicParameter = new StageNames(target.stage).topicParameter(event.topic.name);
    const topicArn = await findParameter(new SSMClient(target.clients), topicParameter, target);
    const claimCheck = await openClaimCheck(event.topic, target);
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

function checkInput({ kind }: Input, { id, refused }: PublishOptions): void {
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
    id: options.id,
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
  let summary: PublishSummary;
  try {
    summary = await publishLines(linesOf(progress.counted(input.chunks), publication.event.topic), {
      ...publication,
      source: options.source,
      onResult: reporter(progress, refused),
    });
  } finally {
    progress.clear();
    // Standard input may never end, and would keep the process alive.
    input.chunks.destroy();
    await refused?.close();
  }
  report(summary, progress, options);
  if (summary.stopped && summary.error) {
    const reason = explainFailure(summary.error, target);
    throw new Error(`stopped before line ${summary.stopped}: ${reason instanceof Error ? reason.message : String(reason)}`);
  }
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

function report({ published, refused, failed }: PublishSummary, progress: Progress, options: PublishOptions): void {
  if (published + refused + failed === 0) throw new Error("the input is empty: expected one JSON object per line");
  const hidden = refused + failed - REFUSALS_SHOWN;
  if (hidden > 0) console.error(`and ${hidden} more lines${options.refused ? "" : ": --refused <path> keeps them all"}`);
  console.error(`${published} published, ${refused} refused by the contract, ${failed} failed (${progress.rate})`);
  if (refused + failed > 0) process.exitCode = 1;
}
