import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measurement } from "../measurement.ts";
import { npmStart } from "./npm-start.ts";
import { copyProject } from "./project-copy.ts";
import { median, range, seconds } from "../statistics.ts";

const RUNS = { unchanged: 5, scratch: 3 };
const REACH_MILLISECONDS = { unchanged: 2_500, scratch: 8_000 };

/** How long `npm start` takes until it says that the system runs. */
export const startup: Measurement = {
  name: "startup",
  async run(say) {
    await using project = await copyProject();
    const { folder } = project;
    const scratch: number[] = [];
    const unchanged: number[] = [];
    const stops: number[] = [];
    const start = async (environment?: NodeJS.ProcessEnv): Promise<number> => {
      const running = await npmStart(folder, environment);
      stops.push(await running.interrupt());
      return running.readyMilliseconds;
    };
    const fromScratch = async (environment?: NodeJS.ProcessEnv): Promise<number> => {
      await rm(join(folder, ".fanfare"), { recursive: true, force: true });
      return start(environment);
    };
    say("the first start of all, with no compile cache either");
    const caches = await mkdtemp(join(tmpdir(), "fanfare-bench-"));
    const first = await fromScratch({ TMPDIR: caches });
    await rm(caches, { recursive: true });
    for (let run = 1; run <= RUNS.scratch; run++) {
      say(`from scratch, ${run} of ${RUNS.scratch}`);
      scratch.push(await fromScratch());
    }
    for (let run = 1; run <= RUNS.unchanged; run++) {
      say(`nothing changed, ${run} of ${RUNS.unchanged}`);
      unchanged.push(await start());
    }
    return [
      {
        what: "npm start to ready, nothing changed since last time",
        measured: seconds(median(unchanged)),
        reach: `≤ ${seconds(REACH_MILLISECONDS.unchanged)}`,
        reached: median(unchanged) <= REACH_MILLISECONDS.unchanged,
        comparison: `Median of ${RUNS.unchanged}, npm's own start included: ${range(unchanged, seconds)}. Ctrl-C to ended: ${seconds(median(stops))}`,
      },
      {
        what: "npm start to ready, from scratch (no .fanfare)",
        measured: seconds(median(scratch)),
        reach: `≤ ${seconds(REACH_MILLISECONDS.scratch)}`,
        reached: median(scratch) <= REACH_MILLISECONDS.scratch,
        comparison: `Median of ${RUNS.scratch}: ${range(scratch, seconds)}. With Node's compile cache empty too, as after a clone: ${seconds(first)}`,
      },
    ];
  },
};
