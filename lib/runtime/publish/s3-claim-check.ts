import { hash } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { claimPrefix } from "../../contracts/claim-check.ts";
import type { Envelope } from "../../contracts/envelope.ts";
import { functionVariables } from "../../contracts/function-variables.ts";
import { InvalidEventError } from "../../contracts/errors.ts";
import type { ServiceDefinition } from "../../contracts/service.ts";
import type { TopicDefinition } from "../../contracts/topic.ts";
import { understoodTypes } from "../../contracts/versions.ts";
import type { ClaimCheck } from "./claim-check.ts";
import { requireVariable } from "../lambda/config.ts";
import { DataNotFoundError } from "../errors.ts";
import { type EventMessage, EventTooLargeError, type PreparedMessage, requireFits } from "./event-message.ts";
import { requestHandler } from "../lambda/request-handler.ts";

/** Largest data of one event: a batch of ten, read and parsed, fits into a function's 512 MB. */
const DATA_BYTES = 5 * 1024 * 1024;

/** What S3 answers for a missing object: 403 without `s3:ListBucket`. AmazonS3/latest/API/API_GetObject */
const NOT_THERE = new Set([403, 404]);

/** Ids that go into a key unhashed. */
const PLAIN_ID = /^[\w-]{1,256}$/;

export interface S3ClaimCheckOptions {
  /** The stage's bucket. @default - from the environment variable that the service's stack sets */
  readonly bucket?: string;
  /** @default - a client with the function's region and credentials */
  readonly s3?: Pick<S3Client, "send">;
}

/**
 * A claim check in S3. In place of `data`, the CloudEvents extension `dataref` names the object that holds the data, and our
 * own `datahash` is its SHA-256 in hexadecimal. An object's key is made of topic, type, id and hash, so the same event always
 * has the same object, and no other event's data can replace it. Only the bucket's lifecycle deletes objects.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/dataref.md
 *
 * @throws Error at start when neither the options nor the environment variable name the bucket.
 */
export function s3ClaimCheck({ bucket, s3 = new S3Client({ requestHandler }) }: S3ClaimCheckOptions = {}): ClaimCheck {
  const place: Place = { bucket: bucket ?? requireVariable(functionVariables.claimCheckBucket), s3 };
  return {
    deposit: (topic, envelope, message) => deposit(place, topic, envelope, message),
    redeem: (service, body, signal) => redeem(place, service, body, signal),
  };
}

type Place = Required<S3ClaimCheckOptions>;

function deposit(
  { bucket, s3 }: Place,
  topic: TopicDefinition,
  { data, ...envelope }: Envelope,
  message: EventMessage,
): Required<PreparedMessage> {
  const content = Buffer.from(JSON.stringify(data));
  if (content.length > DATA_BYTES) {
    throw new EventTooLargeError(
      `${envelope.type} has ${content.length} bytes of data; the claim check takes ${DATA_BYTES}: publish a reference of your own`,
    );
  }
  const datahash = hash("sha256", content);
  const key = keyOf(topic, envelope, datahash);
  const claim = { ...message, body: JSON.stringify({ ...envelope, dataref: uriOf(bucket, key), datahash }) };
  requireFits(claim);
  return {
    message: claim,
    async upload(signal) {
      const checksum = Buffer.from(datahash, "hex").toString("base64");
      const object = { Bucket: bucket, Key: key, Body: content, ContentType: "application/json", ChecksumSHA256: checksum };
      await s3.send(new PutObjectCommand(object), signal && { abortSignal: signal });
    },
  };
}

async function redeem(place: Place, service: ServiceDefinition, body: string, signal: AbortSignal): Promise<string> {
  const claim = claimIn(body);
  const definition = service.consumes.find((event) => claim && understoodTypes(event).includes(claim.type));
  if (!claim || !definition?.topic.largeEvents) return body;
  const key = keyOf(definition.topic, claim, claim.datahash);
  const expected = uriOf(place.bucket, key);
  if (claim.dataref !== expected) {
    throw new InvalidEventError(
      `the envelope's "dataref" is "${claim.dataref}": expected "${expected}", by its type, id and hash`,
    );
  }
  const content = await fetchObject(place, key, signal);
  if (hash("sha256", content) !== claim.datahash) {
    throw new InvalidEventError(`the data at ${expected} is not what was published: its hash is not the envelope's "datahash"`);
  }
  const data: unknown = JSON.parse(content.toString());
  return JSON.stringify({ ...claim.envelope, data });
}

/** An envelope that refers to its data instead of containing it. */
interface Claim {
  readonly type: string;
  readonly id: string;
  readonly dataref: string;
  readonly datahash: string;
  /** The envelope without `dataref` and `datahash`. */
  readonly envelope: object;
}

/** The claim in a body; undefined when there is none, whatever else the body is. */
function claimIn(body: string): Claim | undefined {
  if (!body.includes('"dataref"')) return undefined;
  const value = parseJson(body);
  if (typeof value !== "object" || value === null || "data" in value || !("dataref" in value)) return undefined;
  const { type, id, dataref, datahash, ...rest }: Partial<Record<string, unknown>> = { ...value };
  if (typeof type !== "string" || typeof id !== "string" || typeof dataref !== "string") return undefined;
  if (typeof datahash !== "string") throw new InvalidEventError('the envelope has a "dataref", and its "datahash" is missing');
  return { type, id, dataref, datahash, envelope: { ...rest, type, id } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function fetchObject({ bucket, s3 }: Place, key: string, signal: AbortSignal): Promise<Buffer> {
  try {
    const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: signal,
    });
    if (ContentLength > DATA_BYTES) throw new InvalidEventError(`the data at ${uriOf(bucket, key)} has ${ContentLength} bytes`);
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === undefined || !NOT_THERE.has(status)) throw error;
    throw new DataNotFoundError(`the event's data is not at ${uriOf(bucket, key)}, or may not be read there`, { cause: error });
  }
}

function keyOf(topic: TopicDefinition, { type, id }: Pick<Envelope, "type" | "id">, datahash: string): string {
  const name = PLAIN_ID.test(id) ? id : hash("sha256", id);
  return `${claimPrefix(topic)}${type}/${name}/${datahash}`;
}

function uriOf(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}
