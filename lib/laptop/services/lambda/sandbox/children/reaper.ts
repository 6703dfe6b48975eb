import { type ChildProcess, spawn } from "node:child_process";

/*
 * A cloud that is killed cannot end the processes of its functions. Its end of a pipe closes all the same, so a shell reads from it
 * which process groups there are, and kills those that are left at its end.
 */
const SCRIPT = `
groups=" "
while read -r word group; do
  case $word in
    watch) groups="$groups$group " ;;
    forget) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -9 "-$group"; done 2>/dev/null
`;

/** Kills what functions have started when this process ends, however it ends. Not on Windows, where processes have no groups. */
class Reaper {
  readonly #watched = new Set<number>();
  #shell: ChildProcess | undefined;

  /** Begins before there is a process, so that none is without it for longer than it takes to tell. */
  prepare(): void {
    if (process.platform !== "win32") this.#shell ??= startShell();
  }

  watch(group: number): void {
    this.prepare();
    this.#watched.add(group);
    this.#shell?.stdin?.write(`watch ${group}\n`);
  }

  forget(group: number): void {
    if (this.#watched.delete(group)) this.#shell?.stdin?.write(`forget ${group}\n`);
    this.rest();
  }

  /** Ends the shell where there is nothing to watch. */
  rest(): void {
    if (this.#watched.size > 0) return;
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }
}

function startShell(): ChildProcess {
  // In a group of its own, so that Ctrl-C does not reach it.
  const shell = spawn("/bin/sh", ["-c", SCRIPT, "function-reaper"], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  shell.unref();
  return shell;
}

export const reaper = new Reaper();
