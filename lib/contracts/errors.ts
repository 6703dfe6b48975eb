/** An event that can never be handled as it is: its body, its envelope, its type or its data is wrong. */
export class InvalidEventError extends Error {
  override readonly name = "InvalidEventError";
}
