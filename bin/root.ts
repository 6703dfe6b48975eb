import { join } from "node:path";

/** The project's folder. */
export const ROOT = join(import.meta.dirname, "..");

/** The cloud assembly that the laptop cloud runs. `cdk deploy` writes its own to cdk.out, from the same app. */
export const ASSEMBLY = join(ROOT, ".fanfare", "cdk.out");
