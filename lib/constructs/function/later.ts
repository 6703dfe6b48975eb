import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

const RUNTIME = join(import.meta.dirname, "../../runtime/lambda");

/** The entry point that stands for the SDK's event streams. */
const EVENT_STREAMS = "fanfare:event-streams";

/**
 * Files beside a bundle that it imports when it needs them, by name. SQS is needed only when something fails; the SDK's event streams
 * only by clients that have operations of this kind, but its core names them for all.
 */
export const LATER = { sqs: join(RUNTIME, "sqs.ts"), "event-streams": EVENT_STREAMS } as const;

/** A file's name, as the bundle imports it. */
export const laterFile = (name: string): string => `./${name}.mjs`;

/** Takes what is imported later, and DynamoDB's endpoint discovery, out of the bundles. */
export const importedLater: Plugin = {
  name: "imported-later",
  setup(build) {
    const outside = (name: string) => ({ path: laterFile(name), external: true });
    const isImport = (kind: string) => kind === "dynamic-import";
    build.onResolve({ filter: /^\.\/sqs\.ts$/ }, ({ kind, resolveDir }) =>
      isImport(kind) && resolveDir === RUNTIME ? outside("sqs") : undefined,
    );
    build.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ kind }) =>
      isImport(kind) ? outside("event-streams") : undefined,
    );
    build.onResolve({ filter: new RegExp(`^${EVENT_STREAMS}$`) }, () => {
      // The SDK brings it; a project need not have it where its own packages lie.
      const resolveDir = dirname(createRequire(import.meta.url).resolve("@aws-sdk/client-dynamodb"));
      return build.resolve("@smithy/core/event-streams", { kind: "import-statement", resolveDir });
    });
    // DynamoDB's alone: other clients, such as Timestream's, cannot do without it.
    build.onResolve({ filter: /^@aws-sdk\/middleware-endpoint-discovery$/ }, ({ importer }) =>
      /client-dynamodb[\\/]/.test(importer) ? { path: join(RUNTIME, "no-endpoint-discovery.ts") } : undefined,
    );
  },
};
