/** An answer that refuses a call, in AWS's terms. The caller's protocol decides how it is written. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;
  /** Members beside the message, such as CancellationReasons. */
  readonly members: Readonly<Record<string, unknown>>;

  /** `code` is AWS's name of the exception; `status` the HTTP status that goes with it. */
  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}
