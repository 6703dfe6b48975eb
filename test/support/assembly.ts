import { ensureAssembly } from "../../bin/assembly.ts";
import { ASSEMBLY } from "../../bin/root.ts";

/** Vitest's global setup: the tests run what `npm start` runs, made anew where a source has changed. */
export async function setup(): Promise<void> {
  await ensureAssembly();
}

export { ASSEMBLY };
