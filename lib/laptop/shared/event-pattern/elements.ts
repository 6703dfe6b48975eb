/** The elements of an array and of the arrays in it, however deep; an empty one stands for itself. */
export function* elementsOf(array: readonly unknown[]): Generator {
  const open: { readonly elements: readonly unknown[]; next: number }[] = [{ elements: array, next: 0 }];
  for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
    const { elements, next } = current;
    const element: unknown = elements[next];
    current.next++;
    if (next === elements.length) open.pop();
    else if (Array.isArray(element) && element.length > 0) open.push({ elements: element, next: 0 });
    else yield element;
  }
}
