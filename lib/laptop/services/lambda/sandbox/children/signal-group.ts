/** Sends a signal to a process that leads a group, and to the group. @returns false where none of it is alive */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(process.platform === "win32" ? leader : -leader, signal);
  } catch {
    return false;
  }
}

/** Sends a signal to one process. @returns false where it is not alive */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
