/** "1 letter", "2,000 letters". */
export function letters(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "letter" : "letters"}`;
}

/** Says that letters are in flight elsewhere. */
export function heldLine(held: number): string {
  return `about ${letters(held)} not shown, because someone else is holding them: they come back unless they are removed there`;
}

/** A time span in its largest whole unit. @param milliseconds from then to now */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
