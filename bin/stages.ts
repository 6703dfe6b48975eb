import type { Stages } from "#lib/stacks/stage.ts";

const emailFrom = "orders@shop.example";

/**
 * The stages: a new one is added here, and nowhere else. A stage that names an account and a region is only deployed there; without,
 * the credentials decide.
 */
export const stages: Stages = {
  dev: { keepsData: false, logDays: 7, emailFrom },
  prod: { keepsData: true, logDays: 180, emailFrom, awaitsFilters: true, canary: true },
  /** Previews, one for each pull request: `-c stage=pr-123`. */
  "pr-*": { keepsData: false, logDays: 3, emailFrom },
};
