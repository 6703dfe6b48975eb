import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of a second in /proc: USER_HZ, 100 on every Linux that Node runs on. proc_pid_stat(5) */
const TICKS_PER_SECOND = 100;

/** A process as the system sees it. */
export interface ProcessUse {
  readonly pid: number;
  readonly parent: number;
  /** Processor time since it began, of all its threads. */
  readonly cpuSeconds: number;
  /** Memory that is resident, shared pages included. */
  readonly residentBytes: number;
  readonly command: string;
}

/** A process and all that descend from it. @throws Error on a system without /proc. */
export function processTree(root: number): ProcessUse[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid)));
  const tree = all.filter(({ pid }) => pid === root);
  // Grows while it is walked: each process brings its children.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** Processor time of several processes. */
export function cpuSeconds(processes: readonly ProcessUse[]): number {
  return processes.reduce((sum, it) => sum + it.cpuSeconds, 0);
}

/** Resident memory of several processes; pages that they share count once for each. */
export function residentBytes(processes: readonly ProcessUse[]): number {
  return processes.reduce((sum, it) => sum + it.residentBytes, 0);
}

/** None where the process has ended meanwhile. */
function readProcess(pid: number): ProcessUse[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in parentheses and may hold anything; the fields after it are numbered from 3.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const field = (number: number) => Number(fields[number - 3]);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return [
      {
        pid,
        parent: field(4),
        cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
        residentBytes: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024,
        command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
      },
    ];
  } catch {
    return [];
  }
}
