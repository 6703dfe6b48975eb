import { join } from "node:path";
import { ROOT } from "../../../bin/root.ts";

/** What a run makes, and what it keeps for the next: LocalStack itself, logs, figures. */
export const FOLDER = join(ROOT, ".fanfare", "localstack");
