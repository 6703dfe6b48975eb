import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Measurement } from "../measurement.ts";
import { copyProject } from "./project-copy.ts";
import { median, range, seconds } from "../statistics.ts";

const RUNS = 3;
const REACH_MILLISECONDS = 2_500;

/** How long `cdk synth` of everything takes, with the CDK's validation of templates and cdk-nag. */
export const synth: Measurement = {
  name: "synth",
  async run(say) {
    await using project = await copyProject();
    const synthesize = async (environment: NodeJS.ProcessEnv, ...context: string[]): Promise<number> => {
      const started = performance.now();
      await promisify(execFile)("npx", ["cdk", "synth", "--quiet", ...context, "--output", join(project.folder, "cdk.out")], {
        cwd: project.folder,
        env: { ...process.env, ...environment },
      });
      return performance.now() - started;
    };
    const whole: number[] = [];
    const unchecked: number[] = [];
    say("warming up");
    await synthesize({});
    for (let run = 1; run <= RUNS; run++) {
      say(`${run} of ${RUNS}`);
      whole.push(await synthesize({}));
      unchecked.push(await synthesize({ CDK_VALIDATION: "false" }, "--context", "nag=false"));
    }
    return [
      {
        what: "npx cdk synth --quiet, all stacks",
        measured: seconds(median(whole)),
        reach: `≤ ${seconds(REACH_MILLISECONDS)}`,
        reached: median(whole) <= REACH_MILLISECONDS,
        comparison: `Median of ${RUNS}, npx's own start included: ${range(whole, seconds)}. Without validation and cdk-nag: ${seconds(median(unchecked))}`,
      },
    ];
  },
};
