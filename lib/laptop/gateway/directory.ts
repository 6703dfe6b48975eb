import type { WireRequest } from "../services/call.ts";
import type { Service } from "../services/service.ts";

/** The services of a cloud, and which of them a request is for. */
export class Directory {
  readonly services: readonly Service[];
  readonly #bySignature: ReadonlyMap<string, Service>;

  constructor(services: readonly Service[]) {
    this.services = services;
    this.#bySignature = new Map(
      services.flatMap((service) => (service.address.signedAs ?? [service.name]).map((name) => [name, service] as const)),
    );
  }

  /** The service that a request is for, by the order that {@link ServiceAddress} gives; undefined where none is. */
  find(request: WireRequest): Service | undefined {
    const { path, target, signedFor } = request;
    const owner = this.services.find(({ address }) => address.ownPaths?.some((beginning) => path.startsWith(beginning)));
    if (owner) return owner;
    if (target !== "")
      return this.services.find(({ address }) => address.targets?.some((beginning) => target.startsWith(beginning)));
    if (signedFor !== undefined) return this.#bySignature.get(signedFor);
    return this.#ofUnsigned(request);
  }

  #ofUnsigned({ path, query, headers, body }: WireRequest): Service | undefined {
    const form = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ? body.toString("latin1") : query;
    const version = /(?:^|&)Version=([\d-]+)/.exec(form)?.[1];
    return (
      (version === undefined ? undefined : this.services.find(({ address }) => address.queryVersion === version)) ??
      this.services.find(({ address }) => address.paths?.test(path)) ??
      this.services.find(({ address }) => address.hosts?.test(headers.host ?? ""))
    );
  }
}
