import { TRANSACTION_ACTIONS } from "#lib/contracts/limits.ts";

/** A number of pieces of one product. */
export interface Pieces {
  readonly sku: string;
  readonly quantity: number;
}

/** Products per step: what fits in a transaction besides the inbox record, the reservation and its lines. */
const STEP = TRANSACTION_ACTIONS - 3;

/** An order's lines by product: real orders have several lines of the same product. */
export function piecesOf(lines: readonly Pieces[]): Pieces[] {
  const bySku = new Map<string, number>();
  for (const { sku, quantity } of lines) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  return [...bySku].map(([sku, quantity]) => ({ sku, quantity }));
}

/** The pieces in portions that fit in one transaction. */
export function stepsOf(pieces: readonly Pieces[]): Pieces[][] {
  return Array.from({ length: Math.ceil(pieces.length / STEP) }, (_, index) => pieces.slice(index * STEP, (index + 1) * STEP));
}

/** The number of pieces. */
export function unitsOf(pieces: readonly Pieces[]): number {
  return pieces.reduce((units, { quantity }) => units + quantity, 0);
}
