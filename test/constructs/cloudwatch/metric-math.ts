/** A metric's values, one per period; undefined where CloudWatch has no data. */
export type Series = readonly (number | undefined)[];

type Value = number | Series | readonly Series[];

/**
 * What a metric math expression makes of metrics, as far as our alarms use it: numbers, `+ - * /`, FILL, DIFF, FLOOR and MAX.
 * AmazonCloudWatch, "Using math expressions with CloudWatch metrics"
 */
export function evaluate(expression: string, metrics: Readonly<Record<string, Series>>): Series {
  const tokens = expression.match(/[A-Za-z]\w*|\d+(?:\.\d+)?|[-+*/()[\],]/g) ?? [];
  const take = (expected?: string): string => {
    const token = tokens.shift();
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`${expression}: found ${token}, expected ${expected}`);
    }
    return token;
  };
  const chain = (operators: string, next: () => Value): Value => {
    let left = next();
    while (tokens[0] !== undefined && operators.includes(tokens[0])) left = combine(take(), left, next());
    return left;
  };
  const sum = (): Value => chain("+-", product);
  const product = (): Value => chain("*/", atom);
  const listUntil = (end: string): Value[] => {
    const values = [sum()];
    while (tokens[0] === ",") {
      take();
      values.push(sum());
    }
    take(end);
    return values;
  };
  const atom = (): Value => {
    const token = take();
    if (token === "[") return listUntil("]").map(series);
    if (token === "(") return listUntil(")")[0]!;
    if (/^\d/.test(token)) return Number(token);
    if (tokens[0] !== "(") return metrics[token] ?? fail(`${expression}: there is no metric ${token}`);
    take();
    return call(token, listUntil(")"));
  };
  return series(sum());
}

function combine(operator: string, left: Value, right: Value): Value {
  const length = Math.max(...[left, right].map((value) => (typeof value === "number" ? 0 : value.length)));
  return Array.from({ length }, (_, index) => {
    const [a, b] = [at(left, index), at(right, index)];
    if (a === undefined || b === undefined) return undefined;
    if (operator === "/") return b === 0 ? undefined : a / b;
    return operator === "*" ? a * b : operator === "+" ? a + b : a - b;
  });
}

function call(name: string, [first = [], second]: readonly Value[]): Value {
  switch (name) {
    case "FILL":
      return series(first).map((value) => value ?? Number(second));
    case "DIFF":
      return series(first).map((value, index, all) => {
        const before = all[index - 1];
        return value === undefined || before === undefined ? undefined : value - before;
      });
    case "FLOOR":
      return series(first).map((value) => value && Math.floor(value));
    case "MAX":
      return greatest(first);
    default:
      return fail(`the function ${name} is not known here`);
  }
}

/** Of several metrics, the greatest value of each period. */
function greatest(value: Value): Series {
  const all = typeof value === "number" ? [] : value.map((one) => (typeof one === "object" ? one : fail("MAX takes a list")));
  return (all[0] ?? []).map((_, index) => {
    const values = all.flatMap((one) => one[index] ?? []);
    return values.length === 0 ? undefined : Math.max(...values);
  });
}

function at(value: Value, index: number): number | undefined {
  return typeof value === "number" ? value : series(value)[index];
}

function series(value: Value): Series {
  if (typeof value === "number") return fail("a number is no metric");
  return value.map((one) => (typeof one === "object" ? fail("a list is no metric") : one));
}

function fail(message: string): never {
  throw new Error(message);
}
