import type { ItemOf } from "#lib/contracts/index.ts";
import type { UnitOfWork } from "#lib/runtime/index.ts";
import { type Pieces, stepsOf, unitsOf } from "./pieces.ts";
import type service from "./service.ts";
import { reservation, reservationLines, stock } from "./stock.ts";

type Unit = UnitOfWork<typeof service>;
type Reservation = ItemOf<typeof reservation>;
type Shortage = NonNullable<Reservation["shortages"]>[number];

/** How a reservation ended; undefined if the order was cancelled, or handled before. */
export type ReserveResult =
  | { readonly status: "reserved"; readonly units: number }
  | { readonly status: "rejected"; readonly shortages: Shortage[] }
  | undefined;

/** Shortages that a rejection names. */
const SHORTAGES_NAMED = 20;

/**
 * Reserves all pieces, or none. Each step is one transaction that takes its pieces from stock, never below zero, and advances
 * the reservation; after a crash, the next attempt continues from there.
 */
export async function reserve(orderId: string, pieces: readonly Pieces[], unit: Unit): Promise<ReserveResult> {
  let held = await unit.get(reservation, orderId);
  if (held?.status === "undoing") return undo(held, held.shortages ?? [], pieces, unit);
  if (held && held.status !== "reserving") return undefined;

  const steps = stepsOf(pieces);
  const shortages = await findShortages(steps.slice(held?.steps ?? 0).flat(), unit);
  if (shortages.length > 0) return undo(held ?? begin(orderId), shortages, pieces, unit);

  if (!held) {
    const lines = [...pieces];
    const isOneStep = steps.length === 1;
    held = { ...begin(orderId), ...(isOneStep && { lines }) };
    if (!isOneStep) unit.put(reservationLines, { orderId, lines });
  }
  while (held.steps < steps.length) {
    for (const { sku, quantity } of steps[held.steps]!) unit.add(stock, sku, "available", -quantity, { atLeast: 0 });
    held = { ...held, steps: held.steps + 1 };
    const last = held.steps === steps.length;
    if (last) held = { ...held, status: "reserved", units: unitsOf(pieces) };
    unit.put(reservation, held);
    if (!last) await unit.checkpoint();
  }
  return { status: "reserved", units: held.units };
}

/** Returns an order's pieces to stock, whatever the reservation's state, and says how many were reserved: 0 for none. */
export async function release(orderId: string, unit: Unit): Promise<number> {
  const held = await unit.get(reservation, orderId);
  if (!held) {
    // Cancelled before it arrived: when the order comes, it finds this and reserves nothing.
    unit.put(reservation, { ...begin(orderId), status: "released" });
    return 0;
  }
  if (held.status === "rejected" || held.status === "released") return 0;
  const { lines: ownLines, ...state } = held;
  const lines = ownLines ?? (await unit.get(reservationLines, orderId))?.lines ?? [];
  await putBack({ ...state, status: "releasing" }, lines, unit);
  unit.put(reservation, { ...state, status: "released", steps: 0 });
  return state.units;
}

function begin(orderId: string): Reservation {
  return { orderId, status: "reserving", steps: 0, units: 0 };
}

async function undo(held: Reservation, found: Shortage[], pieces: readonly Pieces[], unit: Unit): Promise<ReserveResult> {
  const shortages = found.slice(0, SHORTAGES_NAMED);
  await putBack({ ...held, status: "undoing", shortages }, pieces, unit);
  unit.put(reservation, { ...held, status: "rejected", steps: 0, shortages });
  return { status: "rejected", shortages };
}

/** Undoes the steps, the last one first. The last transaction is left open for the caller to complete. */
async function putBack(from: Reservation, pieces: readonly Pieces[], unit: Unit): Promise<void> {
  const steps = stepsOf(pieces);
  for (let left = from.steps - 1; left >= 0; left--) {
    for (const { sku, quantity } of steps[left]!) unit.add(stock, sku, "available", quantity, { atLeast: 0 });
    unit.put(reservation, { ...from, steps: left });
    if (left > 0) await unit.checkpoint();
  }
}

async function findShortages(pieces: readonly Pieces[], unit: Unit): Promise<Shortage[]> {
  const onShelf = await unit.getAll(
    stock,
    pieces.map(({ sku }) => sku),
  );
  return pieces.flatMap(({ sku, quantity }, index) => {
    const available = onShelf[index]?.available ?? 0;
    return available < quantity ? [{ sku, wanted: quantity, available }] : [];
  });
}
