import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { StageNames } from "#lib/constructs/names.ts";
import { InvalidEventError, type ServiceDefinition } from "#lib/contracts/index.ts";
import { editedBody, findLetter, hasTakenEffect, replaceLetter } from "#lib/ops/dead-letters/edit.ts";
import { type DeadLetter, parsedBody } from "#lib/ops/dead-letters/letter.ts";
import { onTarget, type Target } from "#lib/ops/target.ts";
import { jsonFault } from "#lib/ops/json-fault.ts";
import { printableJson } from "#lib/ops/printable.ts";
import { untilInterrupted } from "../../terminal/interrupt.ts";
import { targetFlags } from "../options.ts";
import { editText } from "../../terminal/editor.ts";
import { commonOptions, parseActionOptions } from "./options.ts";
import { confirmLetters } from "./confirm-letters.ts";
import { chosenQueues, findService, queuesOf } from "./service.ts";
import { warnHidden, warnLost, warnUnseen } from "./warnings.ts";

const editOptions = v.object({
  ...commonOptions,
  id: v.optional(v.array(v.string())),
  undelivered: v.optional(v.boolean()),
  data: v.optional(v.string()),
  file: v.optional(v.string()),
  redrive: v.optional(v.boolean()),
  "new-id": v.optional(v.boolean()),
  yes: v.optional(v.boolean()),
});

type EditOptions = v.InferOutput<typeof editOptions>;

/** `fanfare dlq edit <service> --id <id>`: gives a letter's event other data, checked by its contract. */
export async function edit(service: unknown, given: unknown): Promise<void> {
  const options = parseActionOptions("edit", editOptions, given);
  const [id, ...others] = options.id ?? [];
  if (id === undefined || others.length > 0)
    throw new Error("which letter? Expected --id <id> once, of the message or its event");
  const definition = await findService(service);
  const text = await givenData(options);
  await onTarget(options, async (target) => {
    const sqs = new SQSClient(target.clients);
    const queues = await queuesOf(sqs, target, definition);
    const from = chosenQueues(queues, options.undelivered);
    warnUnseen(from);
    const place = { sqs, from, signal: untilInterrupted(), onHidden: warnHidden, onLost: warnLost };
    const letter = await findLetter(place, id);
    const newId = options["new-id"] ? crypto.randomUUID() : undefined;
    // Before anybody spends time on an edit that cannot take effect.
    if (newId === undefined) await refuseHandled(definition, letter, target);
    const what = `letter ${letter.messageId} of ${definition.name} will be replaced`;
    const messageId = await withData(letter, text, async (json) => {
      const body = editedBody(definition, letter, parseData(json), newId);
      await confirmLetters(target, sqs, queues, options.yes, what);
      return replaceLetter(place, letter, body, options.redrive ? queues : undefined);
    });
    console.log(messageId);
    const then = options.redrive
      ? `edited, and sent back to ${queues.name}; to follow it: npx fanfare tail --since 5m --service ${definition.name}`
      : `edited, and put back into ${letter.queue}; to send it back: npx fanfare dlq redrive ${definition.name} --id ${messageId}${options.undelivered ? " --undelivered" : ""}`;
    console.error(then + targetFlags(options));
  });
}

/** The data from the options; undefined if it is to be edited by hand. */
async function givenData({ data, file }: EditOptions): Promise<string | undefined> {
  if (data !== undefined && file !== undefined) throw new Error("--data and --file are both given: expected one of them");
  if (data !== undefined) return data;
  if (file !== undefined) {
    if (!existsSync(file)) throw new Error(`there is no file ${file}`);
    return readFile(file, "utf8");
  }
  if (process.stdin.isTTY && process.stdout.isTTY) return undefined;
  throw new Error("no data given: expected --data <json> or --file <path>, or a terminal to edit it on");
}

/** Does something with a letter's new data; what was edited by hand is kept in its file if that fails. */
async function withData<Result>(
  letter: DeadLetter,
  given: string | undefined,
  work: (json: string) => Promise<Result>,
): Promise<Result> {
  if (given !== undefined) return work(given);
  const body = parsedBody(letter);
  const data = typeof body === "object" && body !== null && "data" in body ? body.data : {};
  const before = `${printableJson(data, 2)}\n`;
  const edited = await editText(before);
  if (edited.text === before) {
    await edited.remove();
    throw new Error("the data is unchanged: nothing was done");
  }
  try {
    const result = await work(edited.text);
    await edited.remove();
    return result;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`${error.message}; your edit is kept: fix it and pass it as --file ${edited.path}`, { cause: error });
  }
}

/** An event that has taken effect would be dropped by its id, whatever its data. */
async function refuseHandled(service: ServiceDefinition, letter: DeadLetter, { clients, stage }: Target): Promise<void> {
  const { id } = letter.event;
  const { table } = new StageNames(stage).service(service);
  if (!(await hasTakenEffect(new DynamoDBClient(clients), { table, service }, letter))) return;
  throw new Error(
    `the event ${id} has already taken effect in ${service.name}, so other data under its id would not: redrive it unchanged, or pass --new-id to apply the edited event as well`,
  );
}

function parseData(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new InvalidEventError(`the data is not JSON: ${jsonFault(error)}`);
  }
}
