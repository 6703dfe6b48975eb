import { SSMClient } from "@aws-sdk/client-ssm";
import { StageNames } from "#lib/constructs/names.ts";
import { findParameter } from "#lib/ops/stage-parameter.ts";
import { onTarget } from "#lib/ops/target.ts";
import type { Target } from "./target.ts";

/** Any of the stage's topics: its ARN tells the account. */
const TOPIC = "orders";

/** Where a stage has been found. */
export interface FoundStage {
  /** For a person: an address, or AWS and its region. */
  readonly place: string;
  readonly account: string;
  readonly region: string;
}

/**
 * Makes sure that the stage is there before any test is run.
 *
 * @throws OpsError in one line when nobody answers, the credentials are not taken or the stage is not deployed
 */
export function findStage({ stage, endpoint }: Target): Promise<FoundStage> {
  return onTarget(endpoint === undefined ? { stage } : { endpoint }, async (at) => {
    const arn = await findParameter(new SSMClient(at.clients), new StageNames(stage).topicParameter(TOPIC), at);
    const [, , , region = "", account = ""] = arn.split(":");
    return { place: at.place, account, region };
  });
}
