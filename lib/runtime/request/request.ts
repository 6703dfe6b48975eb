/** A request from outside: from an HTTP caller, a schedule, a person at a command line. */
export interface Request {
  /** The caller's idempotency key: the same each time this request is made, and another for every other. 1 to 256 characters. */
  readonly key: string;
  /** What is asked for, as JSON data. Made again, a request has the same. */
  readonly input: unknown;
  /** When it must be carried out, in milliseconds since 1970; in Lambda, a little before the invocation's end. @default in 25 seconds */
  readonly deadline?: number;
  /** The caller's place in its trace, as the header `traceparent` says it; the events go on from there. @default a new trace */
  readonly traceparent?: string;
  /** The story that the events belong to. @default the key */
  readonly correlationid?: string;
}

/** What became of a request. */
export interface Answered<Answer> {
  readonly answer: Answer;
  /** Whether it had been carried out before: then this is the answer that it got. */
  readonly repeated: boolean;
}
