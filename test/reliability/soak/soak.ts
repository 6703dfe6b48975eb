import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { takeStock } from "../../../bin/demo/stock-take.ts";
import { type PaymentProviderStandIn, startPaymentProvider } from "../../../functions/payments/stand-in.ts";
import { Random } from "../../support/random.ts";
import { check, type Verdict } from "./check/check.ts";
import { readWorld } from "./check/read-world.ts";
import { clientSettings } from "./client-settings.ts";
import { Customers, SKUS } from "./customers.ts";
import { redriveAll } from "./redrive.ts";
import { hastyAssembly } from "./hasty-assembly.ts";
import { RunningCloud } from "./running-cloud.ts";

/** What is killed. */
type Victim = "worker" | "engine" | "parent";

/** How a soak is run. */
export interface SoakOptions {
  readonly assembly: string;
  readonly kills: number;
  readonly seed: number;
  /** Told after every kill. */
  readonly onKill?: (kills: number, victim: Victim) => void;
}

/** What a soak found. */
export interface SoakReport extends Verdict {
  readonly kills: Readonly<Record<Victim, number>>;
  /** Dead letters that were sent back before the accounts were made: a message that was received ten times in vain is one. */
  readonly redriven: number;
  /** Events that producers published, and the publish calls that this took. */
  readonly acknowledged: number;
  readonly publishCalls: number;
}

/** Pieces of each product: enough for all but the longest soaks, so that orders are rejected too. */
const OPENING_STOCK = 2_000;

/** Orders placed after each kill, and again right before the next, at the most. */
const ORDERS = 4;

/**
 * Invocations from one kill to the next, at the most. A cloud that is killed before it has done anything spends receives and
 * proves nothing; one order alone brings about more than these.
 */
const INVOCATIONS = 5;

/** Longest time from the last of them to the kill, in milliseconds: it need not fall on the end of an invocation. */
const DELAY_MILLISECONDS = 150;

/** A worker is one of many threads, the others take the whole cloud with them: it is killed the most often. */
const DEATHS: readonly Victim[] = ["worker", "worker", "engine", "parent"];

const SERVICES = ["orders", "inventory", "payments", "notifications", "ledger"];

/** The provider fails now and then, and sometimes takes the money but does not say so. */
const PROVIDER = { declineAbove: 800, failEvery: 25, hangUpEvery: 40 };

/**
 * Puts a persistent laptop cloud under load, kills parts of it at random moments drawn from a seed, lets it come to rest, sends dead
 * letters back as an operator would, and accounts for every event.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const persist = mkdtempSync(join(tmpdir(), "fanfare-soak-"));
  const assembly = hastyAssembly(options.assembly);
  const provider = await startPaymentProvider({ behaviour: PROVIDER });
  const run = new Soak({ ...options, assembly: assembly.folder }, persist, provider);
  try {
    return await run.run();
  } finally {
    await run.end();
    await provider.stop();
    assembly.remove();
    rmSync(persist, { recursive: true, force: true });
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #provider: PaymentProviderStandIn;
  readonly #start: () => Promise<RunningCloud>;
  readonly #customers: Customers;
  readonly #kills: Record<Victim, number> = { worker: 0, engine: 0, parent: 0 };
  #cloud: RunningCloud | undefined;

  constructor(options: SoakOptions, persist: string, provider: PaymentProviderStandIn) {
    this.#options = options;
    this.#provider = provider;
    this.#start = () => RunningCloud.start({ assembly: options.assembly, persist, provider: provider.url });
    this.#customers = new Customers(new Random(options.seed, "customers"));
  }

  async run(): Promise<SoakReport> {
    const { kills, seed, onKill } = this.#options;
    const random = new Random(seed, "kills");
    let cloud = await this.#open();
    await takeStock(new DynamoDBClient(clientSettings(cloud.endpoint)), "fanfare-dev-inventory", SKUS, OPENING_STOCK);
    for (let number = 1; number <= kills; number++) {
      const worked = cloud.work(1 + random.below(INVOCATIONS));
      this.#customers.place(1 + random.below(ORDERS));
      await worked;
      this.#customers.place(1 + random.below(ORDERS));
      await pause(random.between(0, DELAY_MILLISECONDS));
      const victim = random.pick(DEATHS);
      cloud = await this.#kill(cloud, victim, random);
      cloud.skipWaits();
      onKill?.(number, victim);
    }
    await this.#customers.allAcknowledged();
    await cloud.settle();
    const redriven = await redriveAll(cloud.endpoint, () => cloud.settle());
    const world = await readWorld(cloud.endpoint);
    const { acknowledged, attempts } = this.#customers;
    const verdict = check({ acknowledged, world, payments: this.#provider.payments, openingStock: OPENING_STOCK });
    return { ...verdict, redriven, kills: this.#kills, acknowledged: acknowledged.length, publishCalls: attempts };
  }

  async end(): Promise<void> {
    await this.#cloud?.kill();
  }

  async #kill(cloud: RunningCloud, victim: Victim, random: Random): Promise<RunningCloud> {
    this.#kills[victim]++;
    switch (victim) {
      case "worker":
        await cloud.killWorker(`fanfare-dev-${random.pick(SERVICES)}`);
        return cloud;
      case "engine":
        await cloud.killEngine();
        return this.#open();
      case "parent":
        await cloud.kill();
        return this.#open();
    }
  }

  async #open(): Promise<RunningCloud> {
    this.#cloud = undefined;
    this.#cloud = await this.#start();
    this.#customers.connect(this.#cloud.endpoint);
    return this.#cloud;
  }
}
