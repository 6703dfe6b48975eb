/** An attribute value, as the wire protocol spells it. */
export interface Attribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly BOOL?: boolean | undefined;
  readonly NULL?: boolean | undefined;
  readonly L?: readonly Attribute[] | undefined;
  readonly M?: Readonly<Record<string, Attribute>> | undefined;
}

export type Item = Record<string, Attribute>;

/** What an item says, in plain data. */
export function plain(item: Readonly<Record<string, Attribute>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: Attribute): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L) return value.L.map(plainValue);
  if (value.M) return plain(value.M);
  return null;
}

/** The number in an attribute; 0 for none. */
export function numberIn(item: Item | undefined, name: string): number {
  return Number(item?.[name]?.N ?? 0);
}

/** The text in an attribute; empty for none. */
export function textIn(item: Item | undefined, name: string): string {
  return item?.[name]?.S ?? "";
}

/** Compares as DynamoDB does: values of different types are only ever unequal. */
export function compareAttributes(left: Attribute | undefined, operator: string, right: Attribute | undefined): boolean {
  if (!left || !right) return false;
  const [a, b] =
    left.N !== undefined && right.N !== undefined ? [Number(left.N), Number(right.N)] : [left.S ?? "", right.S ?? ""];
  const same = left.N !== undefined || left.S !== undefined ? kindOf(left) === kindOf(right) : false;
  switch (operator) {
    case "=":
      return same ? a === b : JSON.stringify(left) === JSON.stringify(right);
    case "<>":
      return same ? a !== b : JSON.stringify(left) !== JSON.stringify(right);
    case "<":
      return same && a < b;
    case "<=":
      return same && a <= b;
    case ">":
      return same && a > b;
    case ">=":
      return same && a >= b;
    default:
      throw new Error(`the simulation knows no operator ${operator}`);
  }
}

/** The sum of two numbers, or their difference. */
export function sumOf(a: Attribute, b: Attribute, sign: number): Attribute {
  if (a.N === undefined || b.N === undefined) throw new Error("only numbers can be added");
  return { N: String(Number(a.N) + sign * Number(b.N)) };
}

function kindOf(value: Attribute): string | undefined {
  return Object.keys(value)[0];
}
