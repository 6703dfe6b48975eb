/** As many digits as DynamoDB's own have: API reference, StreamRecord, "SequenceNumber" (21 to 40). */
const DIGITS = 21;

/** What DynamoDB would number a record by which the engine numbers `7`: `100000000000000000007`. They sort as their records do. */
export function sequenceNumberOf(position: string): string {
  return `1${position.padStart(DIGITS - 1, "0")}`;
}

/** The engine's number of a record; undefined for what is not a sequence number. Checkpoints of earlier versions have the engine's own. */
export function positionOf(sequenceNumber: string): string | undefined {
  if (!/^\d+$/.test(sequenceNumber)) return undefined;
  return String(BigInt(sequenceNumber.length === DIGITS ? sequenceNumber.slice(1) : sequenceNumber));
}
