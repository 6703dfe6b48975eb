import { bug, edit, type PlantedBug } from "./planted-bug.ts";

/** A record that has come before is taken for one that has ended the process, whatever the marks say. */
const WITHOUT_A_MARK = edit(
  "record/crash-marks",
  "if (!answer?.Item) return undefined;",
  "if (!answer?.Item) return { aloneCount: 0 };",
);

/** How the runtime once treated records that might end the process, and a FIFO topic. */
export const SUSPECTS: readonly PlantedBug[] = [
  {
    name: "a record that has failed twice is handled after all others, if there is time",
    part: "programs",
    edits: [
      WITHOUT_A_MARK,
      edit(
        "record/crash-marks",
        "return attempts.unexplained > 0;",
        "return attempts.unexplained > 0 || attempts.failures + attempts.waits > 1;",
      ),
      edit(
        "batch/standard-records",
        "await Promise.all(others.map(sendBack));",
        `const outcomes = await Promise.all(others.map((one) => handleWatched(context, one)));
  for (const [index, { record }] of others.entries()) if (outcomes[index] === "retry") failed.push(record);`,
      ),
      edit("batch/suspects", "#isFirst = true;", "#isFirst = false;"),
    ],
  },
  {
    name: "a suspect is given up before the inbox is asked",
    edits: [
      edit(
        "batch/suspects",
        "import { ProcessEndedError, toError }",
        `import { deadLetter } from "../record/dead-letter.ts";
import { ProcessEndedError, toError }`,
      ),
      edit(
        "batch/suspects",
        "return settleUnhandled(context, received, Date.now(), error);",
        "return deadLetter(context, received, error, (outcome) => ({ outcome }));",
      ),
    ],
  },
  bug(
    "a FIFO topic is told under a subject whose events are handled at the same time",
    "unit/outbox",
    "requireSubject(definition, envelope.subject, event.subject);",
    "{}",
    "shop",
  ),
];
