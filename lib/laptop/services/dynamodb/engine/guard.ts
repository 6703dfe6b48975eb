import { spawn, type ChildProcess } from "node:child_process";

/*
 * A parent that is killed cannot tidy up. Its end of a pipe closes all the same, so each engine runs beside a guard that
 * waits for that and then kills the engine. The guard prints the engine's process id and ends as the engine ends.
 */

const POSIX_GUARD = `
exec 3<&0
"$@" </dev/null >/dev/null 3<&- &
engine=$!
echo "$engine"
{ cat <&3 >/dev/null; kill -9 "$engine"; } 2>/dev/null >/dev/null &
watcher=$!
exec 3<&-
wait "$engine"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

const WINDOWS_GUARD = `
const [command, ...args] = process.argv.slice(1);
const engine = require("node:child_process").spawn(command, args, { stdio: ["ignore", "ignore", "inherit"], windowsHide: true });
console.log(engine.pid);
process.stdin.resume().on("end", () => engine.kill());
engine.on("exit", (code) => process.exit(code ?? 1));
`;

/** Starts a command that dies with this process, however this process dies. Its stderr is the child's. */
export function spawnGuarded(command: string, args: readonly string[]): ChildProcess {
  const guard =
    process.platform === "win32"
      ? [process.execPath, "-e", WINDOWS_GUARD, command, ...args]
      : ["/bin/sh", "-c", POSIX_GUARD, "engine-guard", command, ...args];
  const [program = "", ...rest] = guard;
  return spawn(program, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
    // Ctrl-C reaches a whole process group: the engine must outlive it until the cloud has stopped in order.
    detached: process.platform !== "win32",
  });
}
