import type { LambdaContext } from "./context.ts";

/** What a handler may call instead of returning a promise. */
export type Callback = (error?: unknown, result?: unknown) => void;

/** A Lambda handler: plain, async, or one that takes a callback. */
export type Handler = (event: unknown, context: LambdaContext, callback?: Callback) => unknown;
