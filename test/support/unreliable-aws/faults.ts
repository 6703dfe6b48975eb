/** How AWS misbehaves: shares of calls from 0 to 1, unless a unit is named. */
export interface Faults {
  /** Refused, because too many calls came at once. */
  readonly throttled: number;
  /** Never carried out: the connection is reset. */
  readonly lostCalls: number;
  /** Carried out, and then the connection is reset. */
  readonly lostAnswers: number;
  /** Answered late. */
  readonly late: number;
  /** Entries of a batch that fail through AWS's own fault, while the others are carried out. */
  readonly failedEntries: number;
  /** Messages received from a standard queue that are handed out once more, to the same receive or to a later one. */
  readonly handedOutTwice: number;
  /** How far ApproximateNumberOfMessages may lag behind, in calls. */
  readonly countsBehind: number;
  /** How far AWS's clock is ahead of this machine's, in milliseconds; negative if it is behind. */
  readonly clockAhead: number;
}

/** AWS as it should be. */
export const noFaults: Faults = {
  throttled: 0,
  lostCalls: 0,
  lostAnswers: 0,
  late: 0,
  failedEntries: 0,
  handedOutTwice: 0,
  countsBehind: 0,
  clockAhead: 0,
};

/** AWS on a bad day. */
export const badDay: Faults = {
  throttled: 0.1,
  lostCalls: 0.03,
  lostAnswers: 0.05,
  late: 0.1,
  failedEntries: 0.1,
  handedOutTwice: 0.03,
  countsBehind: 25,
  clockAhead: 0,
};
