/** Vitest's setup file: runs in a worker before each of its test files. */
import { startWorkerCloud } from "./worker-target.ts";

await startWorkerCloud();
