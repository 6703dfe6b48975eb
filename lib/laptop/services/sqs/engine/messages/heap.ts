/** How the items of a heap compare, and where each keeps its place in it: by that an item can be removed from the middle. */
export interface HeapOrder<T> {
  before(a: T, b: T): boolean;
  placeOf(item: T): number;
  setPlace(item: T, place: number): void;
}

/** A priority queue: adding and removing take a time that grows with the logarithm of its size. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #order: HeapOrder<T>;

  constructor(order: HeapOrder<T>) {
    this.#order = order;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** In no particular order. */
  values(): readonly T[] {
    return this.#items;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#up(item, this.#items.length - 1);
  }

  /** Removes an item, which must be in here. */
  remove(item: T): void {
    const place = this.#order.placeOf(item);
    const last = this.#items.pop();
    this.#order.setPlace(item, -1);
    if (last === undefined || last === item) return;
    this.#up(last, place);
    this.#down(last, this.#order.placeOf(last));
  }

  clear(): void {
    this.#items.length = 0;
  }

  #up(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.#order.before(item, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(item, place);
  }

  #down(item: T, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      let child = this.#items[below];
      const sibling = this.#items[below + 1];
      if (child !== undefined && sibling !== undefined && this.#order.before(sibling, child)) {
        child = sibling;
        below += 1;
      }
      if (child === undefined || !this.#order.before(child, item)) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(item, place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    this.#order.setPlace(item, place);
  }
}
