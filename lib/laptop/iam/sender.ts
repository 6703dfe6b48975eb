/** A service of AWS that acts for one of the account's resources. */
export interface ActingService {
  /** `sns.amazonaws.com`. */
  readonly service: string;
  /** The topic or bucket that it acts for. */
  readonly sourceArn: string;
}

/** Who hands an event over: a service in its own right, or Lambda with the role of a function. */
export type Sender = ActingService | { readonly functionName: string };
