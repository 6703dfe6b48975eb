import { readdirSync, readFileSync } from "node:fs";

/** Fields of /proc/<pid>/stat after the command's name: see proc_pid_stat(5). */
const STAT = { group: 2, residentPages: 21 } as const;

const PAGE_BYTES = 4_096;

/** Bytes that the processes of these groups hold. 0 on systems without /proc. */
export function residentBytes(groups: ReadonlySet<number>): number {
  let pages = 0;
  for (const pid of processIds()) {
    // The name may hold spaces and brackets.
    const fields = readProc(pid, "stat").split(") ").at(-1)?.split(" ") ?? [];
    if (groups.has(Number(fields[STAT.group]))) pages += Number(fields[STAT.residentPages]);
  }
  return pages * PAGE_BYTES;
}

/** Processes that were started with this `NAME=value` in their environment. None on systems without /proc. */
export function processesWith(variable: string): number[] {
  return processIds().filter((pid) => readProc(pid, "environ").split("\0").includes(variable));
}

function processIds(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) && Number(name) !== process.pid ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Empty where the process has ended, or is another user's. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
