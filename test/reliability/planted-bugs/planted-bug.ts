import type { Part } from "../simulation/parts.ts";
import type { Mutation } from "../simulation/code.ts";

/** A bug that the simulation has to find. */
export interface PlantedBug {
  readonly name: string;
  readonly edits: readonly Mutation[];
  /** The part of a seed that finds it. @default any */
  readonly part?: Part;
}

/** One replacement in a file of the runtime. */
export function edit(file: string, find: string, replace: string): Mutation {
  return { file: `lib/runtime/${file}.ts`, find, replace };
}

/** A bug that one replacement makes. */
export function bug(name: string, file: string, find: string, replace: string, part?: Part): PlantedBug {
  return { name, edits: [edit(file, find, replace)], ...(part && { part }) };
}
