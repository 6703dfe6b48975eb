/**
 * The laptop cloud as a process of its own, with `--persist`: what `npm start -- --persist` runs, without what a person needs.
 * Its arguments are the cloud assembly, the folder that keeps the state, and the address of the payment provider.
 */
import * as v from "valibot";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { standInSettings } from "../../../functions/payments/stand-in.ts";
import { settle } from "./settle.ts";
import { order, type Report } from "./messages.ts";

/** Longest wait for the queues at the end. */
const SETTLE_MILLISECONDS = 5 * 60_000;

const [assembly = "", persist = "", provider = ""] = process.argv.slice(2);
// Without the soak nobody would end this process.
process.once("disconnect", () => process.exit(1));

const cloud = await startCloud({
  assembly,
  persist,
  port: 0,
  ...standInSettings(provider),
});
process.on("message", (message) => void obey(v.parse(order, message)));
tell({ kind: "ready", endpoint: cloud.endpoint, tableProcess: cloud.tableProcess ?? 0 });

const reason = await cloud.ended;
if (reason !== undefined) console.error(reason);
process.exit(reason === undefined ? 0 : 1);

async function obey(given: v.InferOutput<typeof order>): Promise<void> {
  switch (given.kind) {
    case "skip waits":
      return cloud.skipWaits();
    case "crash":
      return tell({ kind: "crashed", alive: cloud.functions.crash(given.functionName) });
    case "work":
      return tell(await work(cloud, given.invocations));
    case "settle":
      return tell(
        await settle(cloud, SETTLE_MILLISECONDS).then(
          () => ({ kind: "settled" }) as const,
          (error: unknown) => ({ kind: "unsettled", reason: String(error) }) as const,
        ),
      );
    case "stop":
      return cloud.stop();
  }
}

function work({ activity }: Cloud, invocations: number): Promise<Report> {
  let left = invocations;
  return new Promise((resolve) => {
    const end = activity.subscribe(({ kind, ...more }) => {
      if (kind !== "invocation" || !("outcome" in more) || more.outcome !== "ok" || --left > 0) return;
      end();
      resolve({ kind: "worked" });
    });
  });
}

function tell(report: Report): void {
  process.send?.(report);
}
