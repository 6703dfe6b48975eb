/**
 * Ends the environment of a function that shares more memory between threads than it has: `SharedArrayBuffer` lies outside of all that V8
 * counts, so that the sandbox, which looks from outside, cannot see it.
 *
 * @param limit bytes of buffers, shared or not
 */
export function limitSharedMemory(limit: number, onOver: () => never): void {
  const check = (more: number): void => {
    if (process.memoryUsage().arrayBuffers + more > limit) onOver();
  };
  const { prototype } = SharedArrayBuffer;
  globalThis.SharedArrayBuffer = new Proxy(SharedArrayBuffer, {
    construct(target, given: readonly unknown[], newTarget): object {
      check(Number(given[0]) || 0);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a construction gives an object
      return Reflect.construct(target, given, newTarget) as object;
    },
  });
  Object.defineProperty(prototype, "constructor", { value: SharedArrayBuffer, configurable: true, writable: true });
  // oxlint-disable-next-line typescript/unbound-method -- called with the buffer that it is for
  const { grow } = prototype;
  prototype.grow = function (this: SharedArrayBuffer, length) {
    check((Number(length) || 0) - this.byteLength);
    grow.call(this, length);
  };
}
