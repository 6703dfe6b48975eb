/** A pattern that AWS refuses; the message is AWS's reason. */
export class InvalidPattern extends Error {
  override readonly name = "InvalidPattern";
}
