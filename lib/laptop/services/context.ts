import type { DatabaseSync } from "node:sqlite";
import type { Iam } from "../iam/iam.ts";
import type { PersistFolder } from "../shared/persistence/persist-folder.ts";
import type { ActivityLog } from "../shared/activity.ts";
import type { Changes } from "../shared/changes.ts";
import type { Clock } from "../shared/clock.ts";
import type { Answer, WireRequest } from "./call.ts";
import type { HandOver } from "./hand-over.ts";

/** Carries out a request; undefined where the answer is lost. `hangUp` aborts when the caller hangs up. */
export type AnswerCall = (request: WireRequest, hangUp: () => AbortSignal) => Promise<Answer | undefined>;

/** What the laptop cloud gives each of its services. */
export interface CloudContext {
  /** The gateway's port, which queue URLs and the like name. */
  readonly port: number;
  readonly clock: Clock;
  readonly iam: Iam;
  readonly handOver: HandOver;
  /** Carries out a call that comes from within, as the gateway does. */
  readonly answer: AnswerCall;
  readonly activity: ActivityLog;
  /** Wakes those who wait for the cloud to settle; a service notifies it when what remains to be done may have changed. */
  readonly changes: Changes;
  /** Keeps state across restarts, a table or more per service; undefined where the cloud keeps nothing. */
  readonly database: DatabaseSync | undefined;
  /** For what keeps files beside the database; undefined likewise. */
  readonly folder: PersistFolder | undefined;
}
