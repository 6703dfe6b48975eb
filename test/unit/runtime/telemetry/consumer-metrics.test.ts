import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { createEnvelope } from "#lib/contracts/index.ts";
import { consumer, PermanentError } from "#lib/runtime/index.ts";
import { invoke, service, toolWanted, Workshop } from "../workshop.ts";

let workshop: Workshop;
beforeAll(async () => void (workshop = await Workshop.open()));
afterAll(() => workshop[Symbol.asyncDispose]());
afterEach(() => vi.restoreAllMocks());

test("an invocation writes one line of metrics for its events of one type, with their ages at the commit", async () => {
  const time = new Date(Date.now() - 60_000).toISOString();
  const wanted = (name: string) => createEnvelope(toolWanted, { name, pieces: 1 }, { source: "test", time });
  const [saw, plane, nail] = [wanted("saw"), wanted("plane"), wanted("nail")];
  const written = await linesOf([saw, plane, nail, saw], ({ data }) => {
    if (data.name === "nail") throw new PermanentError("we are out of nails");
  });

  const metrics = written.filter((line) => line.startsWith('{"_aws"'));
  expect(metrics.map((line): unknown => JSON.parse(line))).toMatchObject([
    {
      FunctionName: "workshop",
      EventType: "tool.wanted.v1",
      Done: 2,
      Duplicate: 1,
      Dead: 1,
      EventAge: [expect.closeTo(60_000, -4), expect.closeTo(60_000, -4)],
    },
  ]);
});

test("a handler's own line about an outcome is not counted", async () => {
  const drill = createEnvelope(toolWanted, { name: "drill", pieces: 1 }, { source: "test" });
  const written = await linesOf([drill], (_event, unit) => unit.log.info("ordered", { outcome: "done" }));
  expect(written.filter((line) => line.startsWith('{"_aws"')).map((line): unknown => JSON.parse(line))).toMatchObject([
    { Done: 1 },
  ]);
});

type Handle = Parameters<typeof consumer<typeof service>>[1];

/** What the deployed consumer writes to its log when it handles events in one batch. */
async function linesOf(events: readonly { readonly id: string }[], handler: Handle): Promise<string[]> {
  const written: string[] = [];
  const { config, clients } = workshop;
  const handle = consumer(service, handler, { config, clients });
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text).trimEnd()) > 0);
  await invoke(
    handle,
    events.map((event, index) => ({ messageId: `${index}`, body: JSON.stringify(event) })),
  );
  return written;
}
