/** The elements of an array and of the arrays in it, however deep; an empty one stands for itself. */
export function* elementsOf(array: readonly unknown[]): Generator<unknown> {
  const open: Iterator<unknown>[] = [array.values()];
  for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
    const { done = false, value }: IteratorResult<unknown> = current.next();
    if (done) open.pop();
    else if (Array.isArray(value) && value.length > 0) open.push(value.values());
    else yield value;
  }
}
