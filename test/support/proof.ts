import { inject } from "vitest";

/** How far a proof goes: `npm test` runs short ones, and `npm run prove` the long ones. */
export type Proof = "short" | "long";

declare module "vitest" {
  interface ProvidedContext {
    /** Set by vitest.config.ts. */
    readonly proof: Proof;
  }
}

/** Whether this run is `npm run prove`. */
export const isLong = inject("proof") === "long";

/** What a proof takes in each of its forms: seeds, kills, rows of a table. */
export function sized<Size>(sizes: Readonly<Record<Proof, Size>>): Size {
  return sizes[inject("proof")];
}
