/** All items of a list that AWS hands out in pages; `read` fetches the page that a token stands for, the first without one. */
export async function allPages<Item>(
  read: (token: string | undefined) => Promise<{ items: readonly Item[]; next: string | undefined }>,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await read(token);
    all.push(...items);
    token = next;
  } while (token);
  return all;
}
