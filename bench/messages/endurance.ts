import { startFixture } from "../fixture/cloud.ts";
import type { Measurement } from "../measurement.ts";
import { processTree, residentBytes } from "../processes.ts";
import { median } from "../statistics.ts";
import { Flow } from "./flow.ts";

const EVENTS_PER_SECOND = 500;

/** `ENDURANCE_MINUTES=4 npm run bench -- endurance` for a shorter run. */
const MINUTES = Number(process.env["ENDURANCE_MINUTES"] ?? 10);

/** Until then caches fill and V8 finds out how much room it needs. */
const WARM_MINUTES = 2;

/** What the last minute may be above the first warm one, as a share of that. */
const REACH_GROWTH = 0.05;

const SAMPLE_MILLISECONDS = 1_000;

/** Whether memory stays as it is under a load that goes on. What the tables hold grows with every event; it is in the engine, and told apart. */
export const endurance: Measurement = {
  name: "endurance",
  onRequest: true,
  longestMinutes: MINUTES + 5,
  async run(say) {
    await using fixture = await startFixture();
    const flow = new Flow(fixture.cloud);
    const minutes: Minute[] = [];
    for (let minute = 1; minute <= MINUTES; minute += 1) {
      const before = flow.published;
      const sampler = new Sampler();
      await flow.pace(EVENTS_PER_SECOND, 60_000);
      const taken = sampler.end(flow.published - before);
      minutes.push(taken);
      say(`minute ${minute}: ${describe(taken)}`);
    }
    const warm = minutes.slice(WARM_MINUTES);
    const [first, last] = [warm[0] ?? minutes[0]!, minutes.at(-1)!];
    const growth = last.cloud / first.cloud - 1;
    return [
      {
        what: `memory of the cloud after ${MINUTES} minutes of load`,
        measured: `${(growth * 100).toFixed(1)} % above minute ${WARM_MINUTES + 1}`,
        reach: `≤ ${REACH_GROWTH * 100} %`,
        reached: growth <= REACH_GROWTH,
        comparison:
          `${Math.round(minutes.reduce((sum, { events }) => sum + events, 0) / (MINUTES * 60))} events per second, each handled by three services. ` +
          `Resident MB by minute, cloud and producer: ${curve(minutes, ({ cloud }) => cloud)}; ` +
          `its main thread's heap: ${curve(minutes, ({ heap }) => heap)}; the engine, with what it keeps: ${curve(minutes, ({ engine }) => engine)}`,
      },
    ];
  },
};

/** Bytes of a minute, in the median. */
interface Minute {
  readonly events: number;
  readonly cloud: number;
  /** The least: what is left after a garbage collection. */
  readonly heap: number;
  readonly engine: number;
}

/** Looks at the memory every second. */
class Sampler {
  readonly #samples: Omit<Minute, "events">[] = [];
  readonly #timer = setInterval(() => this.#take(), SAMPLE_MILLISECONDS);

  end(events: number): Minute {
    clearInterval(this.#timer);
    this.#take();
    return {
      events,
      cloud: median(this.#samples.map(({ cloud }) => cloud)),
      heap: Math.min(...this.#samples.map(({ heap }) => heap)),
      engine: median(this.#samples.map(({ engine }) => engine)),
    };
  }

  #take(): void {
    const { rss, heapUsed } = process.memoryUsage();
    const engine = residentBytes(processTree(process.pid).filter(({ pid }) => pid !== process.pid));
    this.#samples.push({ cloud: rss, heap: heapUsed, engine });
  }
}

function describe({ events, cloud, heap, engine }: Minute): string {
  return `${events} events; cloud ${megabytes(cloud)} MB, of it heap ${megabytes(heap)} MB; engine ${megabytes(engine)} MB`;
}

function curve(minutes: readonly Minute[], bytesOf: (minute: Minute) => number): string {
  return minutes.map((minute) => megabytes(bytesOf(minute))).join(", ");
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
