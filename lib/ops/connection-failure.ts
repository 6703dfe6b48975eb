const CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/** The system's code when an error, or what caused it, is that nobody answered at an address; undefined for other errors. */
export function connectionFailure(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && CODES.has(error.code)) return error.code;
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  for (const cause of causes) {
    const code = connectionFailure(cause);
    if (code !== undefined) return code;
  }
  return undefined;
}
