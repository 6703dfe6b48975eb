import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** An edited text, and the file that keeps it until it is removed. */
export interface EditedText {
  readonly text: string;
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/**
 * Opens a text in the operator's editor: VISUAL, or EDITOR, or vi.
 *
 * @throws Error when the editor does not start, or ends with an error.
 */
export async function editText(text: string): Promise<EditedText> {
  const folder = await mkdtemp(join(tmpdir(), "fanfare-edit-"));
  const path = join(folder, "data.json");
  const remove = () => rm(dirname(path), { recursive: true, force: true });
  await writeFile(path, text, { mode: 0o600 });
  const editor = process.env["VISUAL"] || process.env["EDITOR"] || "vi";
  // Through the shell, since the variable may contain arguments: `code --wait`.
  const child = spawn(`${editor} "${path}"`, { shell: true, stdio: "inherit" });
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) {
    await remove();
    throw new Error(`the editor "${editor}" ended with ${code === null ? "a signal" : `code ${code}`}: nothing was done`);
  }
  return { text: await readFile(path, "utf8"), path, remove };
}
