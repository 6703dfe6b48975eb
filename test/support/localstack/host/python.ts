import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Problem } from "../problem.ts";

/** LocalStack 4.14.0 uses the syntax of 3.12 and the library of 3.13; later ones have not been tried. */
const VERSION = "3.13";

const run = promisify(execFile);

/**
 * Finds a Python that can run LocalStack: on the PATH, or among those that pyenv has installed, whichever it puts on the PATH.
 *
 * @throws Problem where there is none
 */
export async function findPython(): Promise<string> {
  for (const candidate of [`python${VERSION}`, "python3", "python", ...(await installedByPyenv())]) {
    if (await isRight(candidate)) return candidate;
  }
  throw new Problem(
    `LocalStack needs Docker or Python ${VERSION}, and neither runs here: start Docker, or install Python ${VERSION} ` +
      `(python.org, "uv python install ${VERSION}", "pyenv install ${VERSION}") and put python${VERSION} on the PATH.`,
  );
}

async function isRight(python: string): Promise<boolean> {
  try {
    const { stdout } = await run(python, ["-c", "import venv, sys; print('%d.%d' % sys.version_info[:2])"]);
    return stdout.trim() === VERSION;
  } catch {
    return false;
  }
}

async function installedByPyenv(): Promise<string[]> {
  try {
    const versions = join((await run("pyenv", ["root"])).stdout.trim(), "versions");
    const names = await readdir(versions);
    return names.filter((name) => name.startsWith(`${VERSION}.`)).map((name) => join(versions, name, "bin", "python3"));
  } catch {
    return [];
  }
}
