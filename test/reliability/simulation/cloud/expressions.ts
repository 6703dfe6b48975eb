import type { Attribute, Item } from "./items.ts";
import { compareAttributes, sumOf } from "./items.ts";

/*
 * DynamoDB's condition and update expressions, as far as a service may use them. Written after the Developer Guide
 * (Expressions.OperatorsAndFunctions, Expressions.UpdateExpressions), and shares nothing with the runtime.
 */

/** The names and values that an expression refers to. */
export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Attribute>> | undefined;
}

type Operand = (item: Item | undefined, placeholders: Placeholders) => Attribute | undefined;
type Condition = (item: Item | undefined, placeholders: Placeholders) => boolean;
type Update = (item: Item, placeholders: Placeholders) => void;

const conditions = new Map<string, Condition>();
const updates = new Map<string, Update>();

/** Whether the condition holds for the item; a condition that is not given holds. */
export function holds(expression: string | undefined, item: Item | undefined, placeholders: Placeholders): boolean {
  if (expression === undefined) return true;
  let condition = conditions.get(expression);
  if (!condition) conditions.set(expression, (condition = new Parser(expression).condition()));
  return condition(item, placeholders);
}

/** The item after the update. */
export function updated(expression: string, item: Item, placeholders: Placeholders): Item {
  let update = updates.get(expression);
  if (!update) updates.set(expression, (update = new Parser(expression).update()));
  const copy = { ...item };
  update(copy, placeholders);
  return copy;
}

/** A path into an element of a list, `inbox[3].published`: the only ones that are used. */
const PATH = /^(\w+)\[(\d+)\]\.(\w+)$/;

function attributeAt(item: Item | undefined, path: string): Attribute | undefined {
  const [, list, index, name] = PATH.exec(path) ?? [];
  return list && name ? item?.[list]?.L?.[Number(index)]?.M?.[name] : item?.[path];
}

function setAttribute(item: Item, path: string, value: Attribute): void {
  const [, list, index, name] = PATH.exec(path) ?? [];
  if (!list || !name) item[path] = value;
  else
    item[list] = {
      L: (item[list]?.L ?? []).map((element, at) => (at === Number(index) ? { M: { ...element.M, [name]: value } } : element)),
    };
}

const TOKEN = /\s*([A-Za-z_][A-Za-z0-9_]*(?:\[\d+\]\.#?[a-z]+)?|[#:][A-Za-z0-9_]+|<=|>=|<>|[=<>(),+-])/y;

class Parser {
  readonly #tokens: string[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const match = TOKEN.exec(text);
      if (!match) throw new Error(`the simulation cannot read the expression: ${text}`);
      this.#tokens.push(match[1]!);
    }
  }

  condition(): Condition {
    const condition = this.#either();
    this.#expectEnd();
    return condition;
  }

  update(): Update {
    const steps: Update[] = [];
    while (this.#at < this.#tokens.length) {
      const clause = this.#next().toUpperCase();
      do steps.push(this.#step(clause));
      while (this.#takes(","));
    }
    return (item, placeholders) => {
      for (const step of steps) step(item, placeholders);
    };
  }

  #step(clause: string): Update {
    const name = this.#name();
    if (clause === "REMOVE") return (item, placeholders) => void Reflect.deleteProperty(item, name(placeholders));
    if (clause === "SET") {
      this.#expect("=");
      const value = this.#sum();
      return (item, placeholders) => {
        const found = value(item, placeholders);
        if (!found) throw new Error(`the simulation found no value in: ${this.#text}`);
        setAttribute(item, name(placeholders), found);
      };
    }
    if (clause !== "ADD") throw new Error(`the simulation knows no ${clause} in: ${this.#text}`);
    const value = this.#operand();
    return (item, placeholders) => {
      const by = value(item, placeholders);
      const attribute = name(placeholders);
      if (by) item[attribute] = sumOf(item[attribute] ?? { N: "0" }, by, 1);
    };
  }

  #sum(): Operand {
    const first = this.#operand();
    const sign = this.#takes("+") ? 1 : this.#takes("-") ? -1 : 0;
    if (sign === 0) return first;
    const second = this.#operand();
    return (item, placeholders) => {
      const [a, b] = [first(item, placeholders), second(item, placeholders)];
      return a && b && sumOf(a, b, sign);
    };
  }

  #either(): Condition {
    let left = this.#both();
    while (this.#takes("OR")) {
      const [a, b] = [left, this.#both()];
      left = (item, placeholders) => a(item, placeholders) || b(item, placeholders);
    }
    return left;
  }

  #both(): Condition {
    let left = this.#single();
    while (this.#takes("AND")) {
      const [a, b] = [left, this.#single()];
      left = (item, placeholders) => a(item, placeholders) && b(item, placeholders);
    }
    return left;
  }

  #single(): Condition {
    if (this.#takes("NOT")) {
      const inner = this.#single();
      return (item, placeholders) => !inner(item, placeholders);
    }
    if (this.#takes("(")) {
      const inner = this.#either();
      this.#expect(")");
      return inner;
    }
    const exists = this.#takes("attribute_exists");
    if (exists || this.#takes("attribute_not_exists")) {
      this.#expect("(");
      const name = this.#name();
      this.#expect(")");
      return (item, placeholders) => (item?.[name(placeholders)] !== undefined) === exists;
    }
    const left = this.#operand();
    const operator = this.#next();
    const right = this.#operand();
    return (item, placeholders) => compareAttributes(left(item, placeholders), operator, right(item, placeholders));
  }

  #operand(): Operand {
    if (this.#takes("if_not_exists")) {
      this.#expect("(");
      const name = this.#name();
      this.#expect(",");
      const otherwise = this.#operand();
      this.#expect(")");
      return (item, placeholders) => item?.[name(placeholders)] ?? otherwise(item, placeholders);
    }
    const token = this.#tokens[this.#at] ?? "";
    if (token.startsWith(":")) {
      this.#at++;
      return (_item, { ExpressionAttributeValues }) => {
        const value = ExpressionAttributeValues?.[token];
        if (!value) throw new Error(`the value ${token} is not given for: ${this.#text}`);
        return value;
      };
    }
    const name = this.#name();
    return (item, placeholders) => attributeAt(item, name(placeholders));
  }

  #name(): (placeholders: Placeholders) => string {
    const token = this.#next();
    const [placeholder] = /#\w+$/.exec(token) ?? [];
    if (placeholder === undefined) return () => token;
    return ({ ExpressionAttributeNames }) => {
      const name = ExpressionAttributeNames?.[placeholder];
      if (name === undefined) throw new Error(`the name ${placeholder} is not given for: ${this.#text}`);
      return token.slice(0, -placeholder.length) + name;
    };
  }

  #takes(token: string): boolean {
    const found = this.#tokens[this.#at];
    if (found !== token && found?.toUpperCase() !== token) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error(`the expression ends too early: ${this.#text}`);
    return token;
  }

  #expect(token: string): void {
    if (!this.#takes(token)) throw new Error(`the simulation expected ${token} in: ${this.#text}`);
  }

  #expectEnd(): void {
    if (this.#at < this.#tokens.length) throw new Error(`the simulation cannot read the end of: ${this.#text}`);
  }
}
