/** The operator's request cannot be carried out. The message is one line: why, and what to do. */
export class OpsError extends Error {
  override readonly name = "OpsError";
}
