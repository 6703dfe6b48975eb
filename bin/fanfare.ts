#!/usr/bin/env node
/** Fanfare's command line: `npx fanfare --help`. A command's code is only loaded when it runs. */
import { enableCompileCache } from "node:module";
import { inspect } from "node:util";

// Before everything else is loaded: cached modules do not have their types stripped again.
enableCompileCache();
const [{ createProgram }, { runProgram }] = await Promise.all([
  import("./commands/program.ts"),
  import("./commands/run-program.ts"),
]);
// The reader may stop reading (`| head`): that is not an error, and no reason to leave work half done.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  await runProgram(createProgram(), process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const trace = process.argv.includes("--debug") ? `\n${inspect(error)}` : "";
  console.error(`fanfare: ${message.trim().replaceAll(/\s*\n\s*/g, " ")}${trace}`);
  process.exitCode = 1;
}
