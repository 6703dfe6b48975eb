import { beforeAbort } from "./deadline.ts";

/**
 * A client of the SDK whose calls end with the signal: the SDK ends the request, but not its own pause before another attempt.
 */
export function bounded<Client extends object>(client: Client, signal: AbortSignal): Client {
  const send: unknown = Reflect.get(client, "send");
  if (typeof send !== "function") throw new TypeError("expected a client of the AWS SDK");
  const boundedSend = (command: object, options: object = {}): Promise<unknown> =>
    beforeAbort(signal, "an AWS call was not answered", (): unknown =>
      Reflect.apply(send, client, [command, { ...options, abortSignal: signal }]),
    );
  return new Proxy(client, {
    get: (target, name): unknown => (name === "send" ? boundedSend : Reflect.get(target, name)),
  });
}
