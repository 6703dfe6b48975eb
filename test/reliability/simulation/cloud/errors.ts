/** An error as AWS answers it, before an SDK makes a class of it. */
export class AwsError extends Error {
  /** Whether an SDK tries again. */
  readonly retryable: boolean;
  /** What the SDK's error class carries beside the message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(name: string, message: string, retryable = false, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.retryable = retryable;
    this.details = details;
  }
}
