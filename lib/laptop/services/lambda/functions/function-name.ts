/** A function as callers and templates name it. */
export interface FunctionName {
  readonly name: string;
  /** A version, an alias or `$LATEST`; absent where none is named. */
  readonly qualifier?: string;
}

/**
 * Reads a function's name: `name`, `name:qualifier`, `<account>:function:name`, or an ARN with or without a qualifier.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function parseFunctionName(text: string): FunctionName {
  const parts = text.split(":");
  // A function may be called "function".
  const afterFunction = parts.length === 1 ? 0 : parts.indexOf("function") + 1;
  const [name = "", qualifier] = parts.slice(afterFunction);
  return qualifier === undefined ? { name } : { name, qualifier };
}
