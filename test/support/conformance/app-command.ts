import { join } from "node:path";
import { ROOT } from "../../../bin/root.ts";

/** The program that synthesizes the conformance app: what `cdk deploy --app "node <this>"` takes. */
export const APP = join(ROOT, "test", "conformance", "app", "app.ts");

/** The assembly of a generation of the app, as the embedded cloud runs it. */
export function assemblyOf(generation: number): string {
  return join(ROOT, ".fanfare", "conformance", `generation-${generation}`);
}
