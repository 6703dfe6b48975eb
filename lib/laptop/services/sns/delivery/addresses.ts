import { Signer } from "../signature/signature.ts";

/** The beginning of the paths that are SNS's own, at the gateway. */
export const OWN_PATH = "/_aws/sns/";

/** What messages of SNS point to: the certificate, and the pages that confirm and end a subscription. */
export class Addresses {
  readonly signer = new Signer();
  readonly #base: string;

  /** `port` is the gateway's. */
  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}${OWN_PATH}`;
  }

  get certificate(): string {
    return `${this.#base}${this.signer.certificateFile}`;
  }

  confirm(topicArn: string, token: string): string {
    return `${this.#base}?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
  }

  unsubscribe(subscriptionArn: string): string {
    return `${this.#base}?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
  }
}
