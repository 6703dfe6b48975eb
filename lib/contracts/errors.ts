/** An event that can never be handled: its body, envelope, type or data is invalid. */
export class InvalidEventError extends Error {
  override readonly name = "InvalidEventError";
}
