/** One line of the bench's table. */
export interface Row {
  readonly what: string;
  /** With its unit. */
  readonly measured: string;
  /** What was set out to be reached, with its unit. */
  readonly reach: string;
  readonly reached: boolean;
  /** What the figure is measured by, and what else was measured in the same run to compare it with. */
  readonly comparison: string;
}

/** Something that the bench measures: one file each. */
export interface Measurement {
  /** What `npm run bench -- <name>` calls it. */
  readonly name: string;
  /** Whether it runs only when it is named, for the time that it takes. */
  readonly onRequest?: true;
  /** A measurement that takes longer hangs. @default 10 */
  readonly longestMinutes?: number;
  /**
   * Installs what the measurement needs, where that is not there yet. It may take longer than a measurement may.
   *
   * @param say takes a line on how far it has got
   */
  prepare?(say: (line: string) => void): Promise<void>;
  /**
   * Measures.
   *
   * @param say takes a line on how far it has got
   */
  run(say: (line: string) => void): Promise<Row[]>;
}
