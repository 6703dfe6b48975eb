/**
 * The laptop cloud cannot do what it was asked, for a reason its user can mend. The message is one line: what was wrong,
 * where, and what to do next. It is shown without a stack trace.
 */
export class CloudError extends Error {
  override readonly name = "CloudError";
}

/** The one line worth showing of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A text of several lines as one. */
export function joinLines(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join(" ");
}
