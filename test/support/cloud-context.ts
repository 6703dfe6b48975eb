import type { IamMode } from "#lib/laptop/index.ts";
import { Iam } from "#lib/laptop/iam/iam.ts";
import type { CloudContext } from "#lib/laptop/services/context.ts";
import { HandOver } from "#lib/laptop/services/hand-over.ts";
import { ActivityLog } from "#lib/laptop/shared/activity.ts";
import { Changes } from "#lib/laptop/shared/changes.ts";
import { Clock } from "#lib/laptop/shared/clock.ts";

/** What a service is given that a test calls without a cloud around it. Nothing is kept, and no other service answers. */
export function cloudContext(mode: IamMode): CloudContext {
  const activity = new ActivityLog();
  const iam = new Iam(mode, activity);
  return {
    port: 4566,
    clock: new Clock(),
    iam,
    handOver: new HandOver(iam.mayHandOver),
    activity,
    changes: new Changes(),
    answer: () => Promise.reject(new Error("A service alone calls nobody.")),
    database: undefined,
    folder: undefined,
  };
}
