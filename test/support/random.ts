/** A stream of pseudo-random numbers: the same seed and name give the same numbers, whatever other streams do. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param stream what the numbers are for, so that one more draw of one kind does not shift those of all others */
  constructor(seed: number, stream: string) {
    this.#a = mix(seed);
    this.#b = mix(seed ^ 0x9e3779b9);
    this.#c = 0;
    for (let index = 0; index < stream.length; index++) this.#c = mix(this.#c ^ stream.charCodeAt(index));
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** 32 random bits: the generator sfc32 of PractRand, https://pracrand.sourceforge.net/RNG_engines.txt */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number of at least 0 and below 1. */
  next(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A number of at least `from` and below `to`. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number of at least 0 and below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items, of which there must be one. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** The items in a random order. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const all = [...items];
    for (let index = all.length - 1; index > 0; index--) {
      const other = this.below(index + 1);
      [all[index], all[other]] = [all[other]!, all[index]!];
    }
    return all;
  }
}

/** Spreads the bits of a number: the finalizer of MurmurHash3. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
