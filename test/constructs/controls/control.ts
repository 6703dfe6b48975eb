import type { Resource, Stage } from "./stage.ts";

/** Something that holds for every resource of every stage. */
export interface Control {
  /** As a sentence. */
  readonly rule: string;
  /** Holds where data is kept alone. @default - in every stage */
  readonly inProdAlone?: boolean;
  /** The resources that break it. */
  readonly offenders: (stage: Stage) => Resource[];
  /** Ways to break it, each in one resource, by what they are. */
  readonly breaches: Readonly<Record<string, Breach>>;
}

/** Breaks a control in a stage that may be changed. @returns the resource that offends now. */
export type Breach = (stage: Stage) => Resource;
