import { join } from "node:path";
import * as v from "valibot";
import { orderPlaced } from "#events";
import { standInSettings, startPaymentProvider } from "../../../functions/payments/stand-in.ts";
import { type Cloud, startCloud } from "#lib/laptop/index.ts";
import { printable } from "#lib/ops/printable.ts";
import { chooseTarget } from "#lib/ops/target.ts";
import { ensureAssembly } from "../../assembly.ts";
import { ASSEMBLY, ROOT } from "../../root.ts";
import { rebuildOnChange } from "../../rebuild.ts";
import { serviceNames } from "../../services.ts";
import { leaveSoonAfter, untilInterrupted } from "../../terminal/interrupt.ts";
import { parseOptions, port } from "../options.ts";
import { overview } from "./overview.ts";
import { paintFor } from "../../terminal/paint.ts";
import { showSteps } from "../../terminal/steps.ts";

const startOptions = v.object({
  port: v.optional(port),
  persist: v.optional(v.boolean(), false),
  dynamodb: v.optional(v.string()),
  parameter: v.optional(v.array(v.pipe(v.string(), v.regex(/^[^=]+=/, "expected name=value"))), []),
  assembly: v.optional(v.string()),
  iam: v.optional(v.picklist(["enforce", "report", "off"], "expected enforce, report or off")),
});

/** Pieces of each product of the example order, if the stock is empty. */
const EXAMPLE_STOCK = 1_000;

/** Where a persistent laptop cloud keeps its state. */
const STATE = join(ROOT, ".fanfare", "state");

const stackNames = v.array(v.string());

/**
 * Runs the system on this machine until Ctrl-C.
 *
 * @param stacks to run, of the given cloud assembly, by path, name or id; all if empty
 * @throws Error in one line, when an option is wrong, the app does not build, or the cloud cannot start
 */
export async function start(stacks: unknown, given: unknown): Promise<void> {
  const options = parseOptions(startOptions, given);
  const interrupted = untilInterrupted();
  leaveSoonAfter(interrupted);
  const steps = showSteps(process.stderr);
  const own = options.assembly === undefined;
  if (own) {
    steps.begin("bundle and synthesize");
    if (!(await ensureAssembly())) steps.amend("nothing changed");
  }
  const provider = own
    ? await startPaymentProvider({ ...(options.persist && { file: join(STATE, "payments.json") }) })
    : undefined;
  const settings = provider && standInSettings(provider.url);
  try {
    const cloud = await startCloud({
      assembly: options.assembly ?? ASSEMBLY,
      stacks: v.parse(stackNames, stacks),
      ...(options.port !== undefined && { port: options.port }),
      ...(options.persist && { persist: STATE }),
      ...(options.dynamodb !== undefined && { dynamodb: options.dynamodb }),
      ...(options.iam !== undefined && { iam: options.iam }),
      parameters: {
        ...settings?.parameters,
        ...Object.fromEntries(
          options.parameter.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
        ),
      },
      ...(settings && { secrets: settings.secrets }),
      onProgress: steps.begin,
    });
    if (own) {
      steps.begin("stock the products of the example order");
      await stockExample(cloud);
    }
    steps.end();
    await run(cloud, interrupted, own, provider?.url);
  } finally {
    await provider?.stop();
  }
}

/** Stocks the products of the example order if there are none, so that the first order somebody tries succeeds. */
async function stockExample(cloud: Cloud): Promise<void> {
  const { tables } = await cloud.status();
  if (tables.some(({ name, items }) => name === "fanfare-dev-inventory" && items > 0)) return;
  const [{ DynamoDBClient }, { takeStock }] = await Promise.all([
    import("@aws-sdk/client-dynamodb"),
    import("../../demo/stock-take.ts"),
  ]);
  const { clients } = chooseTarget({ endpoint: cloud.endpoint });
  const skus = orderPlaced.example.lines.map(({ sku }) => sku);
  await takeStock(new DynamoDBClient(clients), "fanfare-dev-inventory", skus, EXAMPLE_STOCK);
}

/** Runs until interrupted, or until the cloud ends. */
async function run(cloud: Cloud, interrupted: AbortSignal, own: boolean, provider: string | undefined): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const paint = paintFor(process.stderr);
  process.stdout.write(await overview(cloud, { paint: paintFor(process.stdout), own, provider }));
  const stopWatching = own ? rebuildOnChange(serviceNames(ROOT), say) : undefined;
  cloud.activity.subscribe((activity) => {
    if (activity.kind === "notice") say(`${paint("cyan", "·")} ${printable(activity.line)}`);
    if (activity.kind === "invocation" && activity.outcome !== "ok")
      say(`${paint("red", "✗")} ${printable(`${activity.function}: ${activity.error}`)}`);
  });
  const interruption = new Promise<undefined>((resolve) => {
    if (interrupted.aborted) resolve(undefined);
    interrupted.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const reason = await Promise.race([interruption, cloud.ended]);
  await stopWatching?.();
  await cloud.stop();
  if (reason !== undefined) throw new Error(reason);
  say(`\n${paint("green", "✓")} stopped`);
}
