import type { TestCloud } from "#lib/testing/index.ts";
import { startFixture } from "../fixture/cloud.ts";
import type { Measurement } from "../measurement.ts";
import { cpuSeconds, processTree } from "../processes.ts";
import { bareTransactions, TRANSACTIONS_AT_ONCE } from "./bare-transactions.ts";
import { Flow, SERVICES } from "./flow.ts";

const REACH = { perSecond: 2_500, processorMilliseconds: 0.6 };
const EVENTS = { warmUp: 1_000, measured: 8_000 };

/** How many deliveries per second three services take, each writing an item and its inbox record in one transaction. */
export const throughput: Measurement = {
  name: "throughput",
  async run(say) {
    await using fixture = await startFixture();
    say("warming up");
    const flow = new Flow(fixture.cloud);
    await flow.pass(EVENTS.warmUp);
    say(`${EVENTS.measured * SERVICES} deliveries`);
    const use = measureUse();
    await flow.pass(EVENTS.measured);
    const { elapsed, ...shares } = use();
    const perSecond = (EVENTS.measured * SERVICES) / elapsed;
    await requireAllCommitted(fixture.cloud, EVENTS.warmUp + EVENTS.measured);

    say("bare transactions");
    const bare = await bareTransactions(EVENTS.measured * SERVICES);
    const processorMilliseconds = ((shares.process + shares.engine) * 1_000) / perSecond;
    return [
      {
        what: "sustained deliveries through transactional consumers",
        measured: `${perSecond.toFixed(0)} per s`,
        reach: `≥ ${REACH.perSecond.toLocaleString("en-US")} per s`,
        reached: perSecond >= REACH.perSecond,
        comparison:
          `${EVENTS.measured * SERVICES} deliveries, each an item and its inbox record; producer in the same process. ` +
          `Main thread ${percent(shares.mainThread)} busy. ` +
          `As many bare TransactWriteItems straight to the engine, ${TRANSACTIONS_AT_ONCE} at once: ${bare.toFixed(0)} per s`,
      },
      {
        what: "processor time per delivery, meanwhile",
        measured: `${processorMilliseconds.toFixed(2)} ms`,
        reach: `≤ ${REACH.processorMilliseconds} ms`,
        reached: processorMilliseconds <= REACH.processorMilliseconds,
        comparison: `User and system, of this process (${percent(shares.process)} of a core), the producer included, and of the engine (${percent(shares.engine)})`,
      },
    ];
  },
};

/** Begins to measure; what it returns ends it: seconds, and the shares of a core that were used. */
function measureUse() {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const engine = engineSeconds();
  return () => {
    const elapsed = (performance.now() - started) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      elapsed,
      mainThread: performance.eventLoopUtilization(loop).utilization,
      process: (user + system) / 1e6 / elapsed,
      engine: (engineSeconds() - engine) / elapsed,
    };
  };
}

/** Processor time of this process's children. */
function engineSeconds(): number {
  return cpuSeconds(processTree(process.pid).filter(({ pid }) => pid !== process.pid));
}

/**
 * @throws Error when a service has not written exactly an item and an inbox record per event, and once the note of where its inbox lies:
 *   then the figure is worth nothing
 */
async function requireAllCommitted(cloud: TestCloud, events: number): Promise<void> {
  const { tables } = await cloud.cloud.status();
  const expected = 2 * events + 1;
  const wrong = tables.find(({ items }) => items !== expected);
  if (wrong) throw new Error(`the table ${wrong.name} has ${wrong.items} items: expected ${expected}`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
