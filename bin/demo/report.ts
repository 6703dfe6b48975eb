import type { Paint } from "../terminal/paint.ts";
import type { Equation } from "./reconciliation.ts";

/** Why the shop refused invoices, with the number for each reason. */
export function refusedReport(refused: readonly { refused: string }[], file: string, paint: Paint): string {
  const counts = new Map<string, number>();
  for (const { refused: reason } of refused) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const lines = [...counts].map(([reason, number]) => `  ${String(number).padStart(6)}  ${reason}`);
  return `\n${paint("bold", "Refused by the shop")} (each with its reason in ${file})\n${lines.join("\n")}\n`;
}

/** The equations, a line each: both sides, and whether they agree. */
export function report(equations: readonly Equation[], paint: Paint): string {
  const wrong = equations.filter(({ left, right }) => left !== right).length;
  const lines = equations.map(({ claim, left, right }) => {
    const sign = left === right ? paint("green", "✓") : paint("red", "✗");
    return `  ${sign} ${number(left)} = ${number(right)}  ${claim}`;
  });
  const verdict =
    wrong === 0
      ? paint("green", "It adds up, to the last one.")
      : paint("red", `${wrong} of ${equations.length} accounts do not balance.`);
  return `\n${paint("bold", "Reconciliation")}\n${lines.join("\n")}\n\n${verdict}\n`;
}

function number(value: number): string {
  return value.toLocaleString("en-GB").padStart(10);
}
