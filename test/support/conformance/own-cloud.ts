import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { vi } from "vitest";
import { ROOT } from "../../../bin/root.ts";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { environmentFor } from "../localstack/deploy.ts";
import type { Target } from "../target/target.ts";
import { APP, assemblyOf } from "./app-command.ts";
import { ConformanceClient } from "./client.ts";
import { named } from "../../conformance/app/names.ts";

const CDK = join(ROOT, "node_modules", "aws-cdk", "bin", "cdk");

/** What tests need beyond AWS's APIs: another generation of a stack, and time. */
export interface OwnCloud {
  /** A client of what is deployed now; after a redeploy another one, of the same run. */
  client(): ConformanceClient;
  /** Deploys a stack in another generation. */
  redeploy(generation: number): Promise<void>;
  /** Makes time pass where that can be done; elsewhere the test waits for what it brings. */
  pass(seconds: number): void;
  stop(): Promise<void>;
}

/** On the target embedded a cloud of the test's own, with the stacks named; elsewhere the target itself, where they are deployed. */
export async function ownCloud(target: Target, ...stacks: readonly string[]): Promise<OwnCloud> {
  return target.name === "embedded" ? EmbeddedCloud.start(target, stacks) : new DeployedCloud(target, stacks);
}

/** A cloud in the test's own process, whose clock the test can put forward. */
class EmbeddedCloud implements OwnCloud {
  readonly #run = crypto.randomUUID();
  readonly #target: Target;
  readonly #stacks: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), "fanfare-conformance-"));
  #cloud: Cloud | undefined;

  private constructor(target: Target, stacks: readonly string[]) {
    this.#target = target;
    this.#stacks = stacks.map(named);
  }

  static async start(target: Target, stacks: readonly string[]): Promise<EmbeddedCloud> {
    const own = new EmbeddedCloud(target, stacks);
    await own.redeploy(1);
    return own;
  }

  client(): ConformanceClient {
    return new ConformanceClient({ ...this.#target, endpoint: this.#cloud!.endpoint }, this.#run);
  }

  async redeploy(generation: number): Promise<void> {
    await this.#cloud?.stop();
    this.#cloud = await startCloud({
      assembly: assemblyOf(generation),
      stacks: this.#stacks,
      port: 0,
      persist: this.#folder,
    });
  }

  pass(seconds: number): void {
    const now = Date.now() + seconds * 1_000;
    vi.useFakeTimers({ toFake: ["Date"], now, shouldAdvanceTime: true });
    this.#cloud?.skipWaits();
  }

  async stop(): Promise<void> {
    vi.useRealTimers();
    await this.#cloud?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The target, deployed to by plain `cdk deploy`. */
class DeployedCloud implements OwnCloud {
  readonly #run = crypto.randomUUID();
  readonly #target: Target;
  readonly #stacks: readonly string[];
  #generation = 1;

  constructor(target: Target, stacks: readonly string[]) {
    this.#target = target;
    this.#stacks = stacks.map(named);
  }

  client(): ConformanceClient {
    return new ConformanceClient(this.#target, this.#run);
  }

  async redeploy(generation: number): Promise<void> {
    const output = mkdtempSync(join(tmpdir(), "fanfare-conformance-"));
    const options = ["-c", `generation=${generation}`, "--exclusively", "--require-approval", "never", "--output", output];
    const { endpoint } = this.#target;
    await promisify(execFile)(process.execPath, [CDK, "deploy", "--app", `node ${APP}`, ...options, ...this.#stacks], {
      cwd: ROOT,
      env: endpoint === undefined ? process.env : environmentFor(endpoint),
    });
    rmSync(output, { recursive: true, force: true });
    this.#generation = generation;
  }

  pass(): void {}

  /** Leaves the stacks as they were found. */
  async stop(): Promise<void> {
    if (this.#generation !== 1) await this.redeploy(1);
  }
}
