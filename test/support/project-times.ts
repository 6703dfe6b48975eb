import type { Reporter, TestModule } from "vitest/node";

/**
 * Vitest's reporter of where the time went: for each project its files, its tests, and the seconds that its files took. Files run side
 * by side, so that the run is shorter than the sum.
 */
export default class ProjectTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const projects = [...Map.groupBy(modules, ({ project }) => project.name)];
    const rows = projects.map(([name, files]) => ({ name, files: files.length, ...totals(files) }));
    if (rows.length === 0) return;
    const width = Math.max(...rows.map(({ name }) => name.length));
    console.log("\n Where the time went (files run side by side):");
    for (const { name, files, tests, seconds } of rows.toSorted((a, b) => b.seconds - a.seconds)) {
      console.log(
        `   ${name.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s ${count(files, "file")} ${count(tests, "test")}`,
      );
    }
  }
}

function totals(files: readonly TestModule[]): { tests: number; seconds: number } {
  let [tests, milliseconds] = [0, 0];
  for (const file of files) {
    const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } = file.diagnostic();
    milliseconds += environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration;
    tests += [...file.children.allTests()].length;
  }
  return { tests, seconds: milliseconds / 1_000 };
}

function count(number: number, of: string): string {
  return `${String(number).padStart(5)} ${number === 1 ? of : `${of}s`}`;
}
