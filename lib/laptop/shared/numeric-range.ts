/**
 * Whether a number is within a range as filter policies and filter patterns write it: `[">=", 0, "<", 100]`, of which all
 * comparisons hold.
 */
export function isInRange(value: number, comparisons: readonly unknown[]): boolean {
  for (let index = 0; index < comparisons.length; index += 2) {
    if (!compares(value, comparisons[index], Number(comparisons[index + 1]))) return false;
  }
  return true;
}

function compares(value: number, operator: unknown, limit: number): boolean {
  switch (operator) {
    case "=":
      return value === limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    default:
      return false;
  }
}
