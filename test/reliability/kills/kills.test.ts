import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { Queues } from "#lib/laptop/services/sqs/engine/queues.ts";
import { QueueStore } from "#lib/laptop/services/sqs/engine/store/queue-store.ts";
import { Changes } from "#lib/laptop/shared/changes.ts";
import { Clock } from "#lib/laptop/shared/clock.ts";
import { openKept } from "#lib/laptop/shared/persistence/kept-database.ts";
import { sized } from "../../support/proof.ts";
import { Random } from "../../support/random.ts";

const KILLS = sized({ short: 12, long: 1_000 });
const SIDE_BY_SIDE = 4;
/** How many kills there are between two looks at what is kept: what is lost stays lost. */
const LOOK_EVERY = sized({ short: 1, long: 20 });

/** What clients of one queue's file were told, over all its processes. */
interface Told {
  readonly sent: Set<string>;
  readonly deleted: Set<string>;
  /** A deletion that was under way at a kill: it may have happened. */
  readonly uncertain: Set<string>;
}

/** Runs a writer on a file, and kills it some milliseconds after it has opened what there is. */
async function writeAndKill(
  writer: string,
  file: string,
  milliseconds: number,
  { sent, deleted, uncertain }: Told,
): Promise<void> {
  const child = spawn(process.execPath, [writer, file], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (said === "") setTimeout(() => child.kill("SIGKILL"), milliseconds);
      said += text;
    });
    child.once("close", () => resolve());
  });
  // What follows the last line's end was cut off by the kill.
  for (const line of said.split("\n").slice(0, -1)) {
    const [what, id = ""] = line.split(" ");
    if (what === "sent") sent.add(id);
    if (what === "deleting") uncertain.add(id);
    if (what === "deleted") deleted.add(id);
  }
}

function keptIn(file: string): Set<string> {
  const database = openKept(file);
  const queues = new Queues(new Clock(), new Changes(), new QueueStore(database));
  const kept = queues.all().flatMap((queue) => [...queue.messages()].map(({ id }) => id));
  queues.close();
  database.close();
  return new Set(kept);
}

test(
  `what was acknowledged is there after each of ${KILLS} kills, and what was deleted is not`,
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "fanfare-kills-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    // In one file it starts in a third of the time.
    const writer = join(folder, "writer.mjs");
    const entryPoints = [join(import.meta.dirname, "writer.ts")];
    await build({ entryPoints, outfile: writer, bundle: true, platform: "node", format: "esm", logLevel: "error" });
    const random = new Random(20_261_121, "kills");
    let sentAtAll = 0;
    await Promise.all(
      Array.from({ length: SIDE_BY_SIDE }, async (_, lane) => {
        const file = join(folder, `${lane}.sqlite`);
        const told: Told = { sent: new Set(), deleted: new Set(), uncertain: new Set() };
        for (let kill = lane, kills = 1; kill < KILLS; kill += SIDE_BY_SIDE, kills++) {
          await writeAndKill(writer, file, random.next() * 12, told);
          if (kills % LOOK_EVERY !== 0 && kill + SIDE_BY_SIDE < KILLS) continue;
          const kept = keptIn(file);
          expect([...told.sent].filter((id) => !kept.has(id) && !told.uncertain.has(id))).toEqual([]);
          expect([...told.deleted].filter((id) => kept.has(id))).toEqual([]);
        }
        sentAtAll += told.sent.size;
      }),
    );
    expect(sentAtAll).toBeGreaterThan(KILLS);
  },
);
