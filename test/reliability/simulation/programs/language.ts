import * as v from "valibot";

/*
 * The language of generated handlers. A program is data that travels in its event: the service's interpreter runs it through
 * a unit of work, and the oracle replays it without one. It computes with four registers, which start at zero.
 */

/** A number: a constant, and registers that are added to it. `amount` adds what the event brings. */
const value = v.object({ plus: v.number(), registers: v.array(v.number()), amount: v.boolean() });

export type Value = v.InferOutput<typeof value>;

/** Where a throw ends: never, or on the receive from which on the program goes on. */
const error = v.picklist(["permanent", "later", "own"]);

export type Step =
  /** Reads a cell into a register; 0 where there is none. `checked`: it must be the same at the commit. */
  | { readonly do: "read"; readonly cell: string; readonly into: number; readonly checked: boolean }
  /** Reads cells at once, and adds them up in a register. */
  | { readonly do: "readAll"; readonly cells: readonly string[]; readonly into: number }
  /** Reads all cells that there are, but the hidden ones, by an index, and adds them up in a register. */
  | { readonly do: "query"; readonly into: number }
  /** Puts a cell that the program has read. */
  | { readonly do: "put"; readonly cell: string; readonly value: Value }
  /** Puts an item that must not exist, unread. */
  | { readonly do: "create"; readonly cell: string; readonly value: Value }
  /** Puts an item whatever is there. */
  | { readonly do: "overwrite"; readonly cell: string; readonly value: Value }
  | { readonly do: "delete"; readonly cell: string }
  /** Adds to a sum without reading it. */
  | { readonly do: "add"; readonly sum: string; readonly by: number }
  | { readonly do: "emit"; readonly what: string; readonly value: Value }
  /** Runs an outside effect once, and puts its answer into a register. */
  | { readonly do: "effect"; readonly key: string; readonly into: number }
  /** Takes the event's amount into a register, and sets it to zero in the event. */
  | { readonly do: "consume"; readonly into: number }
  | { readonly do: "pause"; readonly milliseconds: number }
  /** Steps that end in a checkpoint, skipped where an item shows that the event has come past them. */
  | { readonly do: "stage"; readonly number: number; readonly steps: readonly Step[]; readonly meanwhile: readonly Step[] }
  | {
      readonly do: "if";
      readonly register: number;
      readonly atLeast: number;
      readonly so: readonly Step[];
      readonly otherwise: readonly Step[];
    }
  /** Throws, while the event has been received less often than `until`; without it, always. */
  | { readonly do: "throw"; readonly error: v.InferOutput<typeof error>; readonly until?: number | undefined }
  /** Steps whose promise nobody awaits. */
  | { readonly do: "forget"; readonly steps: readonly Step[] }
  /** Steps that begin after the handler has returned. */
  | { readonly do: "late"; readonly steps: readonly Step[] };

export const step: v.GenericSchema<unknown, Step> = v.lazy(() => anyStep);

const name = v.string();
const number = v.number();
const steps = v.array(step);

const anyStep = v.variant("do", [
  v.object({ do: v.literal("read"), cell: name, into: number, checked: v.boolean() }),
  v.object({ do: v.literal("readAll"), cells: v.array(name), into: number }),
  v.object({ do: v.literal("query"), into: number }),
  v.object({ do: v.literal("put"), cell: name, value }),
  v.object({ do: v.literal("create"), cell: name, value }),
  v.object({ do: v.literal("overwrite"), cell: name, value }),
  v.object({ do: v.literal("delete"), cell: name }),
  v.object({ do: v.literal("add"), sum: name, by: number }),
  v.object({ do: v.literal("emit"), what: name, value }),
  v.object({ do: v.literal("effect"), key: name, into: number }),
  v.object({ do: v.literal("consume"), into: number }),
  v.object({ do: v.literal("pause"), milliseconds: number }),
  v.object({ do: v.literal("stage"), number, steps, meanwhile: steps }),
  v.object({ do: v.literal("if"), register: number, atLeast: number, so: steps, otherwise: steps }),
  v.object({ do: v.literal("throw"), error, until: v.optional(number) }),
  v.object({ do: v.literal("forget"), steps }),
  v.object({ do: v.literal("late"), steps }),
]);

/** Cells of steps that go on beside the others: a query does not find them, so that what it finds does not depend on how far those are. */
export const HIDDEN: readonly string[] = ["u", "v", "y", "z"];

/** Registers of a program. */
export const REGISTERS = 4;

/** The data of an event that asks for a program. */
export const program = v.object({
  /** The event's source and id: what makes it one fact, in however many copies and versions it comes. */
  fact: v.string(),
  /** The cell that it is about. */
  cell: v.string(),
  amount: v.number(),
  steps,
});

export type Program = v.InferOutput<typeof program>;

/** What a value comes to. */
export function valueOf({ plus, registers, amount }: Value, held: readonly number[], brought: number): number {
  return registers.reduce((sum, register) => sum + (held[register] ?? 0), plus + (amount ? brought : 0)) % 1_000;
}
