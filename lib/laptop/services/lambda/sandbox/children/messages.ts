/** What a function's thread and the cloud say to each other about the processes that the function starts. */

/** What both see at once, and where: Int32s in shared memory. */
export const CHILDREN = {
  /** 0 while the thread waits for a process. */
  waiting: 0,
  /** 1 while the thread starts one: it must not be ended before it has said which. */
  starting: 1,
  /** 1 once no more are to be started. */
  ended: 2,
  places: 3,
} as const;

/** A process that the thread has started, by its id: it leads a process group. Or one that has ended. */
export type ChildNews = { readonly started: number } | { readonly ended: number };

/** A process that the thread waits for: what `spawnSync` and its kin come down to inside Node. */
export interface BlockingSpawn {
  readonly file: string;
  /** The first is the name that the process gets. */
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** `NAME=value` each. */
  readonly envPairs?: readonly string[] | undefined;
  readonly stdio: readonly BlockingStdio[];
  /** Milliseconds; 0 or absent: as long as it takes. */
  readonly timeout?: number | undefined;
  /** Bytes of each pipe. */
  readonly maxBuffer?: number | undefined;
  readonly killSignal?: number | null | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** One of the process's streams. */
export interface BlockingStdio {
  readonly type: string;
  /** Whether the process reads from it. */
  readonly readable?: boolean | undefined;
  readonly fd?: number | undefined;
  readonly input?: Uint8Array | null | undefined;
}

/** How it ended. */
export interface BlockingResult {
  readonly pid: number;
  readonly status: number | null;
  readonly signal: string | null;
  /** What each pipe gave; null for a stream that is no pipe. */
  readonly output: readonly (Uint8Array | null)[] | null;
  /** A negative errno, as libuv has it. */
  readonly error?: number;
}

/** From the function's thread. */
export type FromThread = ChildNews | { readonly spawn: BlockingSpawn };

/** Takes what a process writes to a stream of the function's. */
export type OnOutput = (stream: "stdout" | "stderr", text: string) => void;
