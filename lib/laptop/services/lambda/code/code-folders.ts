import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { CloudError, messageOf } from "../../../shared/errors.ts";
import { makeOwnFolder, type OwnFolder, sweepFolders } from "./own-folder.ts";
import { unzip } from "./unzip.ts";

/** The folders that functions and layers run from: those of the assembly, and one of this run for what has to be unpacked or written. */
export class CodeFolders {
  readonly #assets: ReadonlyMap<string, string>;
  readonly #assembly: string;
  readonly #unpacked = new Map<string, string>();
  #ownFolder: OwnFolder | undefined;
  #written = 0;

  /**
   * @param assets folder or file of each asset, by its object key
   * @param assembly the folder of the assembly
   */
  constructor(assets: ReadonlyMap<string, string>, assembly: string) {
    this.#assets = assets;
    this.#assembly = resolve(assembly);
    sweepFolders();
  }

  /**
   * The folder of an asset: the one that it was synthesized from, or one that its zip file is unpacked to.
   *
   * @param owner whose code it is, for errors: `Worker in stack shop`
   * @throws CloudError where the assembly does not have it, or it is no zip file
   */
  ofAsset(key: string, owner: string): string {
    const path = this.#assets.get(key);
    if (path === undefined)
      throw new CloudError(`${owner} needs the asset ${key}, which the assembly does not list. Run cdk synth again.`);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined)
      throw new CloudError(
        `The code of ${owner} should be ${path}, which is not there. Build the bundles and run cdk synth again.`,
      );
    return stats.isDirectory() ? path : this.#unzipped(path, owner);
  }

  /** A folder with code that stands in the template itself: `index.js`, as CloudFormation names it. */
  ofSource(source: string): string {
    const folder = this.#newFolder();
    writeFileSync(join(folder, "index.js"), source);
    return folder;
  }

  /** Whether people or builds write into a folder: not into the copies that the assembly has, nor into what was unpacked. */
  isEdited(folder: string): boolean {
    return ![this.#assembly, this.#ownFolder?.path].some((parent) => parent !== undefined && folder.startsWith(parent + sep));
  }

  /** Removes what was unpacked and written. */
  remove(): void {
    this.#ownFolder?.remove();
  }

  #unzipped(file: string, owner: string): string {
    const known = this.#unpacked.get(file);
    if (known !== undefined) return known;
    const folder = this.#newFolder();
    try {
      unzip(file, folder);
    } catch (error) {
      throw new CloudError(`The code of ${owner} is ${file}: expected a folder or a zip file (${messageOf(error)}).`);
    }
    this.#unpacked.set(file, folder);
    return folder;
  }

  #newFolder(): string {
    this.#ownFolder ??= makeOwnFolder();
    const folder = join(this.#ownFolder.path, String(this.#written++));
    mkdirSync(folder);
    return folder;
  }
}
