import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cac } from "cac";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { findEvent } from "../../../bin/commands/publish/event-types.ts";
import { createProgram } from "../../../bin/commands/program.ts";
import { runProgram } from "../../../bin/commands/run-program.ts";

describe("the command line", () => {
  it.each([
    [["statsu"], 'there is no command "statsu", the nearest is "status": see `npx fanfare --help`'],
    [["status", "--jsn"], "fanfare status has no option --jsn, the nearest is --json: see `npx fanfare status --help`"],
    [["--colour"], "fanfare has no option --colour: see `npx fanfare --help`"],
    [["publish", "order.placed.v1", "--data"], "option `--data <json>` value is missing"],
    [["status", "--port", "http"], '--port is "http": expected a number from 0 to 65535'],
    [["status", "--port", "70000"], "--port is 70000: expected a number from 0 to 65535"],
    [["tail", "--since", "5"], '--since is "5": expected a number and its unit, like 30s, 5m, 2h or 1d'],
    [["chaos", "ad"], 'there is no "chaos ad": expected list, add, clear: see `npx fanfare chaos --help`'],
    [["chaos", "add"], "no fault given: expected throttle, conflict, latency, duplicate, lost-answer"],
    [["chaos", "add", "throttle", "--rate", "120%"], '--rate is "120%": expected a share above 0 and up to 1, like 0.2 or 20%'],
    [["publish"], "no event type given: `npx fanfare publish --list` shows all"],
    [["publish", "order.placed.v1", "--example", "--data", "{}"], "expected one of --data and --example"],
    [["publish", "order.placed.v1", "--file", "no-such.json"], "there is no file no-such.json"],
    [["status", "--stage", "dev", "--stage", "prod"], "--stage is given twice: expected it once"],
    [["publish", "order.placed.v1", "--example", "--from", "2"], "--from and --new-ids are for many events"],
    [["publish", "order.placed.v1", "--example", "--stage", "prod"], "stage prod keeps its data: expected --yes too"],
    [["dlq", "import", "orders"], "which letters? Expected --file <path>"],
    [["publish", "order.placed.v1", "-", "--id", "1"], "--id is for one event: expected --data, a .json file or --example"],
  ])("answers %j with one line", async (parameters, message) => {
    await expect(runProgram(createProgram(), parameters)).rejects.toThrow(message);
  });

  it("publishes no file of gigabytes as one event", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fanfare-publish-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "all.json");
    writeFileSync(file, "{}");
    truncateSync(file, 3 * 1_024 ** 3);
    await expect(runProgram(createProgram(), ["publish", "order.cancelled.v1", "--file", file])).rejects.toThrow(
      `${file} has 3221225472 bytes: expected the data of one event, 1048576 at most. Many events are an .ndjson file`,
    );
  });

  it("hands options on as they were typed, whatever looks like a number, and a dash as standard input", async () => {
    const program = cac("fanfare");
    const action = vi.fn<(name: unknown, options: unknown) => void>();
    program
      .command("try <name>", "")
      .option("--event <id>", "")
      .option("--stdin", "")
      .option("--parameter <pair>", "", { type: [String] })
      .action(action);
    await runProgram(program, ["try", "0012", "--event", "007", "-", "--parameter", "A=1", "--parameter", "B=1e3"]);

    expect(action).toHaveBeenCalledWith("0012", { event: "007", stdin: true, parameter: ["A=1", "B=1e3"] });
  });

  it.each(["start", "publish", "status", "tail", "dlq", "chaos", "demo"])(
    "has help for %s, with a sentence and two examples at least",
    async (command) => {
      const info = vi.spyOn(console, "info").mockReturnValue();
      await runProgram(createProgram(), [command, "--help"]);
      const page = String(info.mock.calls[0]?.[0]);
      info.mockRestore();

      const examples = page.slice(page.indexOf("Examples:")).split("\n");
      expect(page).toMatch(/^[A-Z].+\.\n/);
      expect(examples.filter((line) => line.includes(`npx fanfare ${command}`)).length).toBeGreaterThanOrEqual(2);
    },
  );
});

describe("an unknown event type", () => {
  it("is answered with the nearest types, and how to see all", () => {
    expect(() => findEvent("order.palced.v1")).toThrow(
      /^there is no event type "order.palced.v1", the nearest are order.placed.v1.*: `npx fanfare publish --list` shows all$/,
    );
    expect(() => findEvent("zzz")).toThrow('there is no event type "zzz": `npx fanfare publish --list` shows all');
  });
});
