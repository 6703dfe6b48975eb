import { isAscii, isUtf8 } from "node:buffer";
import { AwsError } from "../../shared/aws-error.ts";
import { parseObject } from "../protocols/json-protocol.ts";
import { isRecord } from "../../shared/json.ts";

/** How deep expressions lie: `TransactItems`, its element, its action, the expression. */
const LEVELS = 4;

/**
 * Refuses expressions with a character beyond ASCII, which no token of DynamoDB's expressions has: such a name goes through
 * ExpressionAttributeNames (DynamoDB guide, "Expression attribute names"). dynoxide 1.2.1 ends at some of them.
 *
 * @throws AwsError ValidationException, or SerializationException where the body is no JSON
 */
export function refuseForeignExpressions(body: Buffer): void {
  // Nearly every body ends here: the characters in question stand in it as they are, or escaped.
  if (isAscii(body) && !body.includes("\\u")) return;
  if (!isUtf8(body)) throw new AwsError("SerializationException", "The request body is not UTF-8.");
  requireAscii(parseObject(body), LEVELS);
}

function requireAscii(value: unknown, levels: number): void {
  if (levels === 0) return;
  if (Array.isArray(value)) for (const element of value) requireAscii(element, levels - 1);
  if (!isRecord(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== "string") requireAscii(member, levels - 1);
    else if (/^[A-Z]\w*Expression$/.test(name) && !isAscii(Buffer.from(member))) throw syntaxError(name, member);
  }
}

function syntaxError(name: string, expression: string): AwsError {
  const token = /[^\0-\u007f]/u.exec(expression)?.[0] ?? "";
  return new AwsError("ValidationException", `Invalid ${name}: Syntax error; token: "${token}"`);
}
