import { placeOf, type RegionalClient, type Target } from "#lib/ops/target.ts";
import { stageNamed } from "#lib/stacks/stage-names.ts";
import { stages } from "../stages.ts";
import { confirmByTyping } from "../terminal/confirm.ts";

export interface Change {
  readonly target: Target;
  /** A client that the command uses, which knows the region. */
  readonly client: RegionalClient;
  /** The AWS account, from an ARN or URL that it answered with. */
  readonly account: string | undefined;
  /** Whether the operator has agreed beforehand. */
  readonly yes: boolean | undefined;
  /** What will happen, with its count: `17 letters will be sent back to orders`. */
  readonly what: string;
}

/** Whether a target is a stage in AWS that keeps data: who changes something there is asked first. */
export function keepsData({ stage, local }: Target): boolean {
  return local === undefined && stageNamed(stages, stage).keepsData;
}

/**
 * Asks before a stage in AWS that keeps data is changed.
 *
 * @throws Error when the operator declines, or without a terminal to ask on.
 */
export async function confirmChange({ target, client, account, yes, what }: Change): Promise<void> {
  const { stage } = target;
  if (yes || !keepsData(target)) return;
  const place = await placeOf(target, client, account);
  if (!(process.stdin.isTTY && process.stderr.isTTY)) {
    throw new Error(`${what}, stage ${stage} at ${place}: expected --yes, or a terminal to confirm it on`);
  }
  const question = `${what}, stage ${stage} at ${place}.\nType ${stage} to go on: `;
  if (!(await confirmByTyping(stage, question))) throw new Error("not confirmed: nothing is changed");
}
