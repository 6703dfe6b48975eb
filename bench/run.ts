/**
 * `npm run bench` measures what Fanfare set out to reach, and prints it as one table; `npm run bench -- <name>` measures one.
 * It reports and does not judge: the exit code is 0. Progress goes to standard error.
 */
import { availableParallelism, loadavg } from "node:os";
import type { Measurement, Row } from "./measurement.ts";
import { printTable } from "./table.ts";

const NAMES = ["startup", "synth", "latency", "throughput", "bundle", "overhead", "idle"];
