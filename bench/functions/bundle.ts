import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, type BuildOptions, type OutputFile } from "esbuild";
import { orderConfirmed } from "#events";
import { bundleOptions } from "#lib/constructs/function/bundle.ts";
import { importedLater } from "#lib/constructs/function/later.ts";
import { topicVariable } from "#lib/contracts/topic.ts";
import { ROOT } from "../../bin/root.ts";
import { serviceNames } from "../../bin/services.ts";
import type { Measurement } from "../measurement.ts";
import { median, milliseconds } from "../statistics.ts";

/** Fresh processes per bundle. */
const RUNS = 25;
/** As esbuild prints sizes. */
const KILOBYTE = 1_024;

const REACH = { importRatio: 0.9, kilobytes: 230 };

const SERVICE = "orders";

/** What the service's function finds in its environment: it is read when the bundle is imported. */
const ENVIRONMENT = {
  SERVICE_VERSION: "bench",
  TABLE_NAME: "bench",
  QUEUE_URL: "http://127.0.0.1/bench",
  DEAD_LETTER_QUEUE_URL: "http://127.0.0.1/bench-dlq",
  MAX_RECEIVE_COUNT: "5",
  INBOX_DAYS: "32",
  [topicVariable(orderConfirmed.topic)]: "arn:aws:sns:us-east-1:000000000000:bench",
  AWS_REGION: "us-east-1",
};

/** Imports a module and says how many milliseconds that took. */
const IMPORT = `const t = performance.now(); await import(process.argv[1]); console.log(performance.now() - t);`;

/** What a service's bundle adds to the AWS clients that it cannot do without. */
export const bundle: Measurement = {
  name: "bundle",
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), "fanfare-bench-"));
    try {
      const own = bundleOptions([SERVICE], ROOT);
      const clients = {
        ...own,
        // As they come, event streams included.
        plugins: own.plugins.filter(({ name }) => name !== importedLater.name),
        entryPoints: { "clients/index": join(import.meta.dirname, "..", "fixture", "aws-clients.ts") },
      };
      const [service, bare, chain] = [
        await bundleInto(join(folder, "service"), own),
        await bundleInto(join(folder, "bare"), clients),
        await bundleInto(join(folder, "chain"), { ...clients, alias: {} }),
      ];
      const bundles = [service, bare, chain];
      say(`${RUNS} imports of each bundle`);
      for (let run = 0; run < RUNS; run++) for (const each of bundles) each.imports.push(await importTime(each.file));
      const all = (await codeOf(bundleOptions(serviceNames(ROOT), ROOT))).map(
        ({ path, contents }) => `${basename(dirname(path))} ${kilobytes(contents.length)}`,
      );
      const [least] = await codeOf(bundleOptions(["first"], join(import.meta.dirname, "..", "fixture")));
      const ratio = median(service.imports) / median(bare.imports);
      return [
        {
          what: `consumer bundle (${SERVICE}): import time / size`,
          measured: `${ratio.toFixed(2)} × / ${kilobytes(service.bytes)}`,
          reach: `≤ ${REACH.importRatio.toFixed(2)} × / ≤ ${REACH.kilobytes} KB`,
          reached: ratio <= REACH.importRatio && service.bytes <= REACH.kilobytes * KILOBYTE,
          comparison:
            `Median of ${RUNS} fresh processes, interleaved. The service: ${describe(service)}. ` +
            `The AWS clients alone, bundled the same way: ${describe(bare)}; with the SDK's default credential chain: ${describe(chain)}. ` +
            `Each service, notifications with its SES client: ${all.join(", ")}; ` +
            `a service of one event and one item ${kilobytes(least?.contents.length ?? 0)}. ` +
            `SQS, in a file beside it, is loaded when something fails`,
        },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface BuiltBundle {
  readonly file: string;
  readonly bytes: number;
  /** Milliseconds of each import. */
  readonly imports: number[];
}

/** What esbuild builds, without source maps and what is loaded later. */
async function codeOf(options: BuildOptions & { write: false }): Promise<OutputFile[]> {
  const { outputFiles } = await build(options);
  return outputFiles.filter(({ path }) => basename(path) === "index.mjs");
}

async function bundleInto(folder: string, options: BuildOptions & { write: false }): Promise<BuiltBundle> {
  const [output] = await codeOf(options);
  if (!output) throw new Error("esbuild built nothing");
  const file = join(folder, "index.mjs");
  await mkdir(folder);
  await writeFile(file, output.contents);
  return { file, bytes: output.contents.length, imports: [] };
}

async function importTime(file: string): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", IMPORT, pathToFileURL(file).href],
    { env: { ...process.env, ...ENVIRONMENT } },
  );
  return Number(stdout);
}

function describe({ bytes, imports }: BuiltBundle): string {
  return `${milliseconds(median(imports))}, ${kilobytes(bytes)}`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / KILOBYTE).toFixed(1)} KB`;
}
