/** What a function's thread and the cloud say to each other about calls of AWS that do not go through a socket. Messages go in arrays. */

/** A call of the function's, on its way to the gateway. */
export interface LinkCall {
  readonly id: number;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** From the function's thread: a call, or the id of one that it has given up. */
export type FromFunction = LinkCall | { readonly abort: number };

/** To the function's thread. Without a status: the connection was lost. */
export interface LinkAnswer {
  readonly id: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
}
