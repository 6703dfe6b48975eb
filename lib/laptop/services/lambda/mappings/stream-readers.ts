import { CloudError, messageOf } from "../../../shared/errors.ts";
import type { FoundFunction } from "../functions/function-lookup.ts";
import type { HandOver } from "../../hand-over.ts";
import type { PlannedStreamMapping } from "../plan.ts";
import type { Sources } from "./sources.ts";
import type { StreamCheckpoints } from "./stream-checkpoints.ts";
import { StreamMapping } from "./stream-mapping.ts";

/** What stream mappings run with. */
export interface StreamReaderPorts {
  readonly sources: Sources;
  readonly checkpoints: StreamCheckpoints;
  readonly handOver: HandOver;
  readonly onNotice: (line: string) => void;
  readonly onChange: () => void;
}

/** A stream, and the mapping that reads it. */
export interface StreamReader {
  readonly table: string;
  readonly functionName: string;
  readonly mapping: StreamMapping;
}

/** Joins a planned mapping to its function. @throws CloudError for a setting that Lambda refuses. */
export function streamReader(
  planned: PlannedStreamMapping,
  { deployed, invokedArn, version }: FoundFunction,
  { sources, checkpoints, handOver, onChange, onNotice }: StreamReaderPorts,
): StreamReader {
  const { table, functionName, iterator, checkpoint } = planned;
  const ports = {
    source: sources.stream(table),
    functionArn: invokedArn,
    invoke: (event: unknown) => deployed.sandbox.invoke(event, { invokedArn, version }),
    send: async (arn: string, event: unknown) => handOver.give({ functionName }, arn, { event, subject: "Lambda" }),
    onProgress: (sequenceNumber: string) => {
      try {
        checkpoints.set(checkpoint, sequenceNumber);
      } catch (error) {
        // The mapping goes on: after a restart it would begin with records that it has handled, as Lambda may too.
        onNotice(`${functionName}: how far it has read ${table} cannot be kept: ${messageOf(error)}`);
      }
    },
    onNotice: (line: string) => onNotice(`${functionName}: ${line}`),
    onChange,
  };
  try {
    return { table, functionName, mapping: new StreamMapping(planned, iterator, ports) };
  } catch (error) {
    throw new CloudError(messageOf(error));
  }
}
