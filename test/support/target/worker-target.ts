import { inject } from "vitest";
import { ASSEMBLY } from "../../../bin/root.ts";
import { type EmbeddedCloud, startEmbedded } from "./embedded.ts";
import type { Target } from "./target.ts";

/** The cloud of this worker, which runs one file after the other. It ends with the worker. */
let cloud: EmbeddedCloud | undefined;

/**
 * Starts a cloud for this worker where the target is embedded and there is none yet. Test files run side by side, and must not share
 * one: they hide dead letters from each other while they look at them, and tell the payment provider how to behave.
 */
export async function startWorkerCloud(): Promise<void> {
  if (inject("target").name === "embedded") cloud ??= await startEmbedded(ASSEMBLY);
}

/** What the tests of this worker talk to. */
export function workerTarget(): Target {
  const target = inject("target");
  return cloud === undefined ? target : { ...target, endpoint: cloud.endpoint };
}
