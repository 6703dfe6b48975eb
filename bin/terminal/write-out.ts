import { once } from "node:events";

/** Writes to standard output, and waits for a slow reader: the backlog would fill the memory. */
export async function writeOut(text: string): Promise<void> {
  const { stdout } = process;
  if (!stdout.writable || stdout.write(text)) return;
  await Promise.race([once(stdout, "drain"), once(stdout, "close")]).catch(() => {});
}
