import { existsSync, readFileSync } from "node:fs";
import { CloudError } from "../errors.ts";

/** sqlite.org/fileformat2.html, "The WAL File Format". */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

/** Each new use of the log counts its first salt up by one: frames of former ones may follow the last that counts. */
const FORMER_USES = 2 ** 20;

/**
 * A crash in the middle of a commit leaves frames whose checksums SQLite had not brought up to date, the one that commits among them: it
 * writes those anew last of all (walRewriteChecksums). Nobody was told of that commit.
 */
const COMMITS_OF_A_CRASH = 1;

interface Salts {
  readonly first: number;
  readonly second: number;
}

/**
 * Checks the log of an SQLite database before that is opened. SQLite reads a log up to the first frame that is not what it should be, and
 * deletes the rest without a word: after a crash those are the last changes.
 *
 * @throws CloudError where frames that were written are damaged
 */
export function checkLog(database: string): void {
  const file = `${database}-wal`;
  const log = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  if (log.length === 0) return;
  const fault = faultOf(log);
  if (fault === undefined) return;
  throw new CloudError(
    `${file} is damaged (${fault}): it holds the last changes before a crash. ` +
      "Restore it, or delete it to go on with what was saved before them.",
  );
}

function faultOf(log: Buffer): string | undefined {
  if (log.length < HEADER_BYTES) return `${log.length} bytes, expected ${HEADER_BYTES} at least`;
  const magic = log.readUInt32BE(0);
  const sum = new Checksum(magic === MAGIC + 1);
  sum.add(log, 0, 24);
  if ((magic !== MAGIC && magic !== MAGIC + 1) || !sum.isAt(log, 24)) return "its header";
  const salts = saltsAt(log, 16);
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8);
  const frames = Math.floor((log.length - HEADER_BYTES) / frameBytes);
  const placeOf = (frame: number) => HEADER_BYTES + frame * frameBytes;
  for (let frame = 0; frame < frames; frame++) {
    const place = placeOf(frame);
    const own = saltsAt(log, place + 8);
    if (!isSame(own, salts)) return isFormer(own, salts) ? undefined : `frame ${frame + 1} of ${frames}`;
    sum.add(log, place, 8);
    sum.add(log, place + FRAME_HEADER_BYTES, frameBytes - FRAME_HEADER_BYTES);
    if (sum.isAt(log, place + 16)) continue;
    const later = Array.from({ length: frames - frame - 1 }, (_, index) => placeOf(frame + 1 + index));
    const commits = later.filter((at) => log.readUInt32BE(at + 4) !== 0 && isSame(saltsAt(log, at + 8), salts));
    return commits.length > COMMITS_OF_A_CRASH ? `frame ${frame + 1} of ${frames}` : undefined;
  }
  return undefined;
}

function saltsAt(log: Buffer, place: number): Salts {
  return { first: log.readUInt32BE(place), second: log.readUInt32BE(place + 4) };
}

function isSame(a: Salts, b: Salts): boolean {
  return a.first === b.first && a.second === b.second;
}

function isFormer(own: Salts, current: Salts): boolean {
  const uses = (current.first - own.first + 2 ** 32) % 2 ** 32;
  return uses > 0 && uses < FORMER_USES;
}

class Checksum {
  readonly #isBigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  add(bytes: Buffer, start: number, length: number): void {
    for (let place = start; place < start + length; place += 8) {
      this.#first = (this.#first + this.#word(bytes, place) + this.#second) >>> 0;
      this.#second = (this.#second + this.#word(bytes, place + 4) + this.#first) >>> 0;
    }
  }

  isAt(bytes: Buffer, place: number): boolean {
    return bytes.readUInt32BE(place) === this.#first && bytes.readUInt32BE(place + 4) === this.#second;
  }

  #word(bytes: Buffer, place: number): number {
    return this.#isBigEndian ? bytes.readUInt32BE(place) : bytes.readUInt32LE(place);
  }
}
