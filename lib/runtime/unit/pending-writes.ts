import type { ItemKey } from "../../contracts/entity.ts";
import { joinWrites, keyText, type Write } from "./writes.ts";

/** A unit's writes on their way to the table: those gathered since the last commit, and those that are being committed. */
export class PendingWrites {
  #gathered = new Map<string, Write>();
  #committing = new Map<string, Write>();

  /** The number of items that the next commit writes. */
  get size(): number {
    return this.#gathered.size;
  }

  /** Adds a write. @throws PermanentError when one transaction cannot make it together with an earlier one of the item. */
  add(write: Write): void {
    const text = keyText(write.key);
    const earlier = this.#gathered.get(text);
    this.#gathered.set(text, earlier ? joinWrites(earlier, write) : write);
  }

  /** The write of an item that the next commit makes. */
  gathered(key: ItemKey): Write | undefined {
    return this.#gathered.get(keyText(key));
  }

  /** The write of an item that is being committed. */
  committing(key: ItemKey): Write | undefined {
    return this.#committing.get(keyText(key));
  }

  /** Both, in the order in which they take effect. */
  of(key: ItemKey): readonly Write[] {
    return [this.committing(key), this.gathered(key)].filter((write) => write !== undefined);
  }

  /** The keys of the items that are put. */
  get puts(): readonly ItemKey[] {
    const writes = new Map([...this.#committing, ...this.#gathered]);
    return [...writes.values()].filter(({ kind }) => kind === "put").map(({ key }) => key);
  }

  /** The gathered writes, to be committed; what is added from now on belongs to the next commit. */
  take(): readonly Write[] {
    this.#committing = this.#gathered;
    this.#gathered = new Map();
    return [...this.#committing.values()];
  }

  /** What was taken has been committed. */
  committed(): void {
    this.#committing = new Map();
  }
}
