/** Why LocalStack cannot be run or deployed to. The message is one line: what was wrong, and what to do next. */
export class Problem extends Error {
  override readonly name = "Problem";
}
