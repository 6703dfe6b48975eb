/**
 * Puts what streaming handlers begin with, `awslambda.streamifyResponse(...)`, in its place, where it says that streaming is not to
 * be had. https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
export function refuseStreaming(): void {
  const streamifyResponse = () => {
    throw new Error("response streaming does not run in the laptop cloud: give back the whole response");
  };
  Object.defineProperty(globalThis, "awslambda", { value: { streamifyResponse }, configurable: true, writable: true });
}
