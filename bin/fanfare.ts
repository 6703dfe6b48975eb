#!/usr/bin/env node
/** Fanfare's command line: `npx fanfare --help`. A command's code is only loaded when it runs. */
import { enableCompileCache } from "node:module";
import { inspect } from "node:util";
import { compileCache } from "#lib/laptop/shared/compile-cache.ts";

// Before everything else is loaded: cached modules do not have their types stripped again. Node's own folder is open to other users.
const cache = compileCache();
if (cache !== undefined) enableCompileCache(cache);
const [{ createProgram }, { runProgram }, { printable }] = await Promise.all([
  import("./commands/program.ts"),
  import("./commands/run-program.ts"),
  import("#lib/ops/printable.ts"),
]);
// The reader may stop reading (`| head`): that is not an error, and no reason to leave work half done.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  await runProgram(createProgram(), process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`fanfare: ${printable(message.trim().replaceAll(/\s*\n\s*/g, " "))}`);
  if (process.argv.includes("--debug")) for (const line of inspect(error).split("\n")) console.error(printable(line));
  process.exitCode = 1;
}
