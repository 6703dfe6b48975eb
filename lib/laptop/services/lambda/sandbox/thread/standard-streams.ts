import { syncBuiltinESMExports } from "node:module";

type Stream = "stdout" | "stderr";

/** What a function of node:fs does instead where it is given a descriptor of the standard streams. */
type Instead = (stream: Stream, rest: readonly unknown[]) => unknown;

/**
 * Sends what the function writes to file descriptors 1 and 2 where its `console` goes: loggers such as pino pass by `process.stdout`. The
 * descriptors themselves are those of the laptop cloud, whose terminal they would write to, and which they could close.
 */
export function captureDescriptors(): void {
  const writeFile: Instead = (stream, [data]) => void put(stream, partOf([data]));
  const instead: Readonly<Record<string, Instead>> = {
    writeSync: (stream, rest) => put(stream, partOf(rest)),
    write: (stream, rest) => callBack(rest, put(stream, partOf(rest)), rest[0]),
    writevSync: (stream, [views]) => putAll(stream, views),
    writev: (stream, rest) => callBack(rest, putAll(stream, rest[0]), rest[0]),
    writeFileSync: writeFile,
    appendFileSync: writeFile,
    writeFile: (stream, rest) => callBack(rest, writeFile(stream, rest)),
    appendFile: (stream, rest) => callBack(rest, writeFile(stream, rest)),
    closeSync: () => undefined,
    close: (_, rest) => callBack(rest),
  };
  const fs = process.getBuiltinModule("node:fs");
  for (const [name, its] of Object.entries(instead)) {
    const original: unknown = Reflect.get(fs, name);
    if (typeof original !== "function") continue;
    const replacement = (target: unknown, ...rest: unknown[]): unknown => {
      const stream = target === 1 ? "stdout" : target === 2 ? "stderr" : undefined;
      return stream ? its(stream, rest) : Reflect.apply(original, fs, [target, ...rest]);
    };
    // What `util.promisify` looks at is among them.
    Reflect.set(fs, name, Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original)));
  }
  syncBuiltinESMExports();
}

/** The bytes that `fs.write` and its kin are to write: of text by its encoding, of a buffer from `offset`, `length` bytes. */
function partOf([data, second, third]: readonly unknown[]): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, isEncoding(third) ? third : "utf8");
  if (!ArrayBuffer.isView(data)) return Buffer.from(String(data));
  const given = typeof second === "object" && second !== null ? second : { offset: second, length: third };
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const offset = "offset" in given && typeof given.offset === "number" ? given.offset : 0;
  const length = "length" in given && typeof given.length === "number" ? given.length : bytes.length - offset;
  return bytes.subarray(offset, offset + length);
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === "string" && Buffer.isEncoding(value);
}

function put(stream: Stream, bytes: Uint8Array): number {
  process[stream].write(bytes);
  return bytes.length;
}

function putAll(stream: Stream, views: unknown): number {
  const parts: unknown[] = Array.isArray(views) ? views : [];
  return parts.reduce((sum: number, view) => sum + put(stream, partOf([view])), 0);
}

/** Calls the callback that stands last, if there is one, once the caller has gone on. */
function callBack(rest: readonly unknown[], ...results: readonly unknown[]): void {
  const callback = rest.at(-1);
  if (typeof callback === "function") process.nextTick(() => Reflect.apply(callback, undefined, [null, ...results]) as unknown);
}
