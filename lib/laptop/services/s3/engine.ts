import { buildApp } from "fauxqs";
import { account } from "../../shared/account.ts";
import { Answer, type WireRequest } from "../call.ts";
import { internal, type PersistenceManager, type S3Store, type SpiedMessage } from "./fauxqs.ts";
import { ObjectChanges, type ObjectChange } from "./object-changes.ts";
import { takeObjectsAsBytes } from "./object-bodies.ts";
import { errorXml } from "./protocol.ts";

/** S3, running in this process. */
export interface S3Engine {
  readonly store: S3Store;
  answer(request: WireRequest): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Starts the engine; it listens nowhere.
 *
 * @param dataDirectory keeps buckets and objects; absent, they live as long as the process
 * @param onChange is called with every object that is created or removed, once it is
 */
export async function startS3(dataDirectory: string | undefined, onChange: (change: ObjectChange) => void): Promise<S3Engine> {
  const [S3Store, SqsStore, SnsStore] = await Promise.all([
    internal("S3Store", "./s3/s3Store.js"),
    internal("SqsStore", "./sqs/sqsStore.js"),
    internal("SnsStore", "./sns/snsStore.js"),
  ]);
  const stores = { s3Store: new S3Store(), sqsStore: new SqsStore(), snsStore: new SnsStore() };
  const store = stores.s3Store;
  await spyOn(store, onChange);
  const persistence = dataDirectory === undefined ? undefined : await openPersistence(dataDirectory);
  // Loading before the store knows its persistence keeps it from writing back what it reads.
  persistence?.load(stores.sqsStore, stores.snsStore, store);
  if (persistence) store.persistence = persistence;
  const app = buildApp({ logger: false, defaultRegion: account.region, stores });
  takeObjectsAsBytes(app);
  refuseAsAws(app);
  await app.ready();
  return {
    store,
    answer: async ({ method, path, query, headers, body }) => {
      const url = query === "" ? path : `${path}?${query}`;
      // The body has been read: its length is known, however it came.
      const { "transfer-encoding": _encoding, ...rest } = headers;
      const answer = await app.inject({
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fauxqs refuses a method that S3 does not have
        method: method as "GET",
        url,
        headers: { ...rest, "content-length": String(body.length) },
        payload: body,
      });
      return new Answer(answer.statusCode, answer.rawPayload, headersOf(answer.headers));
    },
    stop: async () => {
      await app.close();
      persistence?.close();
    },
  };
}

/** Has fauxqs refuse in S3's terms what no handler of fauxqs refuses. */
function refuseAsAws(app: ReturnType<typeof buildApp>): void {
  app.setNotFoundHandler((request, reply) =>
    reply
      .status(405)
      .header("content-type", "application/xml")
      .send(errorXml("MethodNotAllowed", `${request.method} is not allowed against this resource.`)),
  );
  app.setErrorHandler((error, _request, reply) => {
    const status =
      error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
    const code = status < 500 ? "InvalidRequest" : "InternalError";
    return reply
      .status(status)
      .header("content-type", "application/xml")
      .send(errorXml(code, error instanceof Error ? error.message : String(error)));
  });
}

function headersOf(headers: Readonly<Record<string, number | string | string[] | undefined>>): Answer["headers"] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === "number" ? String(value) : value]],
    ),
  );
}

async function spyOn(store: S3Store, onChange: (change: ObjectChange) => void): Promise<void> {
  const MessageSpy = await internal("MessageSpy", "./spy.js");
  const changes = new ObjectChanges(store, onChange);
  class ObjectSpy extends MessageSpy {
    override addMessage(message: SpiedMessage): void {
      if (message.service === "s3") changes.see(message);
    }
  }
  store.spy = new ObjectSpy();
}

async function openPersistence(dataDirectory: string): Promise<PersistenceManager> {
  const PersistenceManager = await internal("PersistenceManager", "./persistence.js");
  return new PersistenceManager(dataDirectory);
}
