import type { Destinations } from "../../../shared/destinations.ts";
import { CloudError, messageOf } from "../../../shared/errors.ts";
import type { FoundFunction } from "../functions/function-lookup.ts";
import type { Deployment, PlannedStreamMapping } from "../../../cloudformation/resource.ts";
import { StreamMapping } from "./stream-mapping.ts";

/** What stream mappings run with. */
export interface StreamReaderPorts {
  readonly destinations: Destinations;
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
  { dynamodb, checkpoints }: Deployment,
  { destinations, onChange, onNotice }: StreamReaderPorts,
): StreamReader {
  const { table, functionName, iterator, checkpoint } = planned;
  const ports = {
    source: dynamodb.stream(table),
    writes: dynamodb.upstream.writes,
    functionArn: invokedArn,
    invoke: (event: unknown) => deployed.sandbox.invoke(event, { invokedArn, version }),
    send: (arn: string, record: unknown) => destinations.send({ functionName }, arn, record, "Lambda"),
    onProgress: (sequenceNumber: string) => checkpoints.set(checkpoint, sequenceNumber),
    onNotice: (line: string) => onNotice(`${functionName}: ${line}`),
    onChange,
  };
  try {
    return { table, functionName, mapping: new StreamMapping(planned, iterator, ports) };
  } catch (error) {
    throw new CloudError(messageOf(error));
  }
}
