import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListBucketsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEnvelope, type DataOf, type ServiceDefinition } from "#lib/contracts/index.ts";
import { SNS_MESSAGE_BYTES } from "#lib/contracts/limits.ts";
import { prepareMessages } from "#lib/runtime/publish/prepare-message.ts";
import { s3ClaimCheck } from "#lib/runtime/publish/s3-claim-check.ts";
import { TestCloud } from "#lib/testing/index.ts";
import { noteTaken, pageScanned } from "../support/fixtures/large-project/events.ts";
import reader, { reading } from "../support/fixtures/large-project/functions/reader/service.ts";
import shelf from "../support/fixtures/large-project/functions/shelf/service.ts";
import { synthesizeProject } from "../support/fixtures/synthesize-project.ts";

const PROJECT = join(import.meta.dirname, "../support/fixtures/large-project");
const MEGABYTE = 1024 * 1024;

const assembly = mkdtempSync(join(tmpdir(), "fanfare-large-"));
let cloud: TestCloud;
let s3: S3Client;
let bucket: string;
beforeAll(async () => {
  await synthesizeProject(["reader", "shelf"], PROJECT, assembly);
  cloud = await TestCloud.start({ assembly });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  s3 = new S3Client({ endpoint: cloud.cloud.endpoint, region: "us-east-1", credentials });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  bucket = Buckets[0]?.Name ?? "";
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

function page(id: string, length: number): DataOf<typeof pageScanned> {
  return { id, text: "a".repeat(length) };
}

/** The keys of the objects of one event, or of all of a type. */
async function objects(type: string, eventId = ""): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `scans/${type}/${eventId}` }));
  return Contents.map(({ Key }) => Key ?? "");
}

/** What a publisher would send for a page, uploaded or not. */
function deposit(data: DataOf<typeof pageScanned>) {
  const envelope = createEnvelope(pageScanned, data, { source: "test" });
  const [{ message, upload }] = prepareMessages(pageScanned, envelope, s3ClaimCheck({ bucket, s3 }));
  if (!upload) throw new Error("expected an event that is too large for a message");
  return { id: envelope.id, body: message.body, upload };
}

/** How often an attempt has failed that is to be repeated, in any service. */
function retries(): number {
  return cloud.cloud.activity
    .recent()
    .filter((activity) => activity.kind === "log" && activity.line.includes('"outcome":"retry"')).length;
}

/** The dead letters of a service that carry a text in their body. */
function dead(service: ServiceDefinition, text: string) {
  return cloud.deadLetters(service).filter(({ body }) => body.includes(text));
}

test("an event of a megabyte takes effect once, though it comes twice, and so does the one as large that follows from it", async () => {
  const id = crypto.randomUUID();
  for (let copy = 0; copy < 2; copy++) await cloud.publish(pageScanned, page("large", MEGABYTE), { id });
  await cloud.settle();

  const once = { id: "large", times: 1, length: MEGABYTE };
  expect(await cloud.item(reader, reading, "large")).toEqual(once);
  expect(await cloud.item(shelf, reading, "large")).toEqual(once);
  expect([...cloud.deadLetters(reader), ...cloud.deadLetters(shelf)]).toEqual([]);
});

test("its data lies in one object per event, which no reader deletes", async () => {
  const id = await cloud.publish(pageScanned, page("kept", MEGABYTE));
  const before = await objects("page.read.v1");
  await cloud.settle();

  expect(await objects("page.scanned.v1", id)).toEqual([
    expect.stringMatching(/^scans\/page\.scanned\.v1\/[\w-]+\/[0-9a-f]{64}$/),
  ]);
  expect(await objects("page.read.v1")).toHaveLength(before.length + 1);
});

test("an event that fits into a message travels in it, and leaves nothing in the bucket", async () => {
  const [scanned, read] = [await objects("page.scanned.v1"), await objects("page.read.v1")];
  await cloud.publish(pageScanned, page("small", SNS_MESSAGE_BYTES - 1_000));
  await cloud.settle();

  expect(await cloud.item(shelf, reading, "small")).toMatchObject({ times: 1 });
  expect([await objects("page.scanned.v1"), await objects("page.read.v1")]).toEqual([scanned, read]);
});

test("an event whose data is not there yet is tried again until it is", async () => {
  const { body, upload } = deposit(page("late", MEGABYTE));
  const before = retries();
  await cloud.send(reader, body);
  await expect.poll(retries).toBeGreaterThan(before);
  await upload();
  await cloud.settle();

  expect(await cloud.item(shelf, reading, "late")).toMatchObject({ times: 1 });
});

test("an event whose data is gone is dead after its last attempt, and the reason says where the data should be", async () => {
  const { id, body } = deposit(page("gone", MEGABYTE));
  await cloud.send(reader, body);
  await cloud.settle();

  expect(dead(reader, id)).toEqual([
    {
      body,
      errorName: "DataNotFoundError",
      errorMessage: expect.stringContaining(`s3://${bucket}/scans/page.scanned.v1/${id}/`),
      attempts: 10,
    },
  ]);
  expect(await cloud.item(reader, reading, "gone")).toBeUndefined();
});

test("an event whose data is not what was published is dead at once", async () => {
  const { id, body, upload } = deposit(page("forged", MEGABYTE));
  await upload();
  const [Key] = await objects("page.scanned.v1", id);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: JSON.stringify(page("forged", 7)) }));
  await cloud.send(reader, body);
  await cloud.settle();

  expect(dead(reader, id)).toMatchObject([
    { errorName: "InvalidEventError", errorMessage: expect.stringContaining("is not what was published"), attempts: 1 },
  ]);
});

test("an event that points at another event's data is dead at once", async () => {
  const other = deposit(page("other", MEGABYTE));
  await other.upload();
  const { id, body } = deposit(page("pointing", MEGABYTE));
  await cloud.send(reader, body.replace(/"dataref":"[^"]*"/, /"dataref":"[^"]*"/.exec(other.body)?.[0] ?? ""));
  await cloud.settle();

  expect(dead(reader, id)).toMatchObject([
    { errorName: "InvalidEventError", errorMessage: expect.stringMatching(/"dataref" is .*: expected/), attempts: 1 },
  ]);
});

test("a topic that has not asked for large events has none: neither published nor received", async () => {
  await expect(cloud.publish(noteTaken, page("long note", MEGABYTE))).rejects.toThrow(
    /^note\.taken\.v1 has \d+ bytes; SNS takes 262144: publish less, or by a claim check$/,
  );
  const { body } = deposit(page("disguised", MEGABYTE));
  await cloud.send(reader, body.replaceAll("page.scanned.v1", "note.taken.v1"));
  await cloud.settle();

  expect(dead(reader, "disguised")).toMatchObject([
    { errorMessage: expect.stringContaining('a "dataref" is for topics with largeEvents') },
  ]);
});

test("an event too large for the claim check is refused with both figures", async () => {
  await expect(cloud.publish(pageScanned, page("huge", 6 * MEGABYTE))).rejects.toThrow(
    /^page\.scanned\.v1 has \d+ bytes of data; the claim check takes 5242880/,
  );
});
