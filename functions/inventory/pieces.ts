import { TRANSACTION_ACTIONS } from "#lib/contracts/limits.ts";

/** So many pieces of one product. */
export interface Pieces {
  readonly sku: string;
  readonly quantity: number;
}

/** Products of one step: what a transaction holds beside the inbox record, the reservation and its lines. */
const STEP = TRANSACTION_ACTIONS - 3;

/** An order's lines by product: real orders name a product on several lines. */
export function piecesOf(lines: readonly Pieces[]): Pieces[] {
  const bySku = new Map<string, number>();
  for (const { sku, quantity } of lines) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  return [...bySku].map(([sku, quantity]) => ({ sku, quantity }));
}

/** The pieces in portions that one transaction can hold. */
export function stepsOf(pieces: readonly Pieces[]): Pieces[][] {
  return Array.from({ length: Math.ceil(pieces.length / STEP) }, (_, index) => pieces.slice(index * STEP, (index + 1) * STEP));
}

/** How many pieces there are. */
export function unitsOf(pieces: readonly Pieces[]): number {
  return pieces.reduce((units, { quantity }) => units + quantity, 0);
}
