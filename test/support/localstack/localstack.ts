/** LocalStack while it runs. */
export interface LocalStack {
  /** With an IP address, so that the SDKs address S3 buckets by path. */
  readonly endpoint: string;
  /** As it says itself. */
  readonly version: string;
  /** What runs it, for a person. */
  readonly how: "on this host" | "in Docker";
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Who plays the services that LocalStack does not have, by the SDKs' variable: AWS_ENDPOINT_URL_SESV2. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}
