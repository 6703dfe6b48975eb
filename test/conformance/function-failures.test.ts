import { expect } from "vitest";
import { behaviour } from "./behaviour.ts";
import type { Script } from "../support/conformance/client.ts";

/** The first receive of a message ends the invocation so; the second one is handled. */
function comesAgain(id: string, end: NonNullable<Script["end"]>): void {
  behaviour(id, async (app) => {
    await app.send(`failing-${end}`, app.message("1", { end }));
    const seen = await app.whenSeen("a receive that ends well", (records) =>
      records.some(({ endedAt }) => endedAt !== undefined),
    );
    expect(seen.map(({ receiveCount, endedAt }) => [receiveCount, endedAt !== undefined])).toEqual([
      [1, false],
      [2, true],
    ]);
  });
}

comesAgain("throws", "throw");
comesAgain("times-out", "hang");
comesAgain("runs-out-of-memory", "memory");
comesAgain("exits", "exit");
comesAgain("rejects-unhandled", "reject");
