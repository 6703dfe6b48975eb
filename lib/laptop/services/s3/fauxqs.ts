import type { BuildAppOptions } from "fauxqs";

/*
 * fauxqs 2.4.1 plays S3 inside this process. Its public entry only offers a server that listens on every network interface. This file
 * alone reaches past that entry: see docs/decisions/fauxqs-in-process.md.
 */

type Stores = NonNullable<BuildAppOptions["stores"]>;
export type S3Store = Stores["s3Store"];
export type PersistenceManager = NonNullable<Stores["sqsStore"]["persistence"]>;
type MessageSpy = NonNullable<S3Store["spy"]>;
export type SpiedMessage = Parameters<MessageSpy["addMessage"]>[0];

/** The classes used of fauxqs, by name. */
interface Internals {
  S3Store: new () => S3Store;
  SqsStore: new () => Stores["sqsStore"];
  SnsStore: new () => Stores["snsStore"];
  PersistenceManager: new (dataDirectory: string) => PersistenceManager;
  MessageSpy: new () => MessageSpy;
}

/** A class of a file beside the package's entry. The package is pinned to one version; test/laptop covers what is used of it. */
export async function internal<Name extends keyof Internals>(name: Name, file: string): Promise<Internals[Name]> {
  const module: unknown = await import(new URL(file, import.meta.resolve("fauxqs")).href);
  if (!hasClass(module, name))
    throw new Error(`fauxqs has no ${name} in ${file}: expected version 2.4.1, as package.json pins it`);
  return module[name];
}

function hasClass<Name extends keyof Internals>(module: unknown, name: Name): module is Pick<Internals, Name> {
  return typeof module === "object" && module !== null && name in module;
}
