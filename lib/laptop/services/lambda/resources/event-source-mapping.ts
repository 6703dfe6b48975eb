import { parseFunctionName, type FunctionName } from "../functions/function-name.ts";
import { parseFilters } from "../mappings/filter-criteria.ts";
import { created, type Created, type Resource } from "../../../cloudformation/resource.ts";
import type { Service } from "../../service.ts";
import type { Sources } from "../mappings/sources.ts";
import type { StreamCheckpoints } from "../mappings/stream-checkpoints.ts";
import type { LambdaPlan } from "../plan.ts";

/** Lambda's own defaults for queues and for streams (CloudFormation reference, AWS::Lambda::EventSourceMapping). */
const DEFAULT_BATCH_SIZE = { queue: 10, stream: 100 };
const FOR_EVER = -1;

/** A sequence number that is smaller than any. */
const BEFORE_THE_FIRST = "0";

/** What feeds functions from queues and from the streams of tables. */
export function mappingResources(making: MappingMaking): Service["resources"] {
  return { "AWS::Lambda::EventSourceMapping": (resource) => eventSourceMapping(resource, making) };
}

/** What mappings are made with. */
export interface MappingMaking {
  readonly plan: LambdaPlan;
  readonly sources: Sources;
  /** How far the mappings of streams have come. */
  readonly checkpoints: StreamCheckpoints;
}

async function eventSourceMapping(resource: Resource, making: MappingMaking): Promise<Created> {
  const { logicalId, properties } = resource;
  const sourceArn = properties.optionalText("EventSourceArn") ?? "";
  const target = parseFunctionName(properties.text("FunctionName"));
  const result = created(logicalId, { Id: logicalId, EventSourceMappingArn: logicalId });
  // A mapping is on unless its template turns it off.
  const enabled = properties.raw("Enabled") === undefined || properties.flag("Enabled");
  // Of a function that does not run the start tells already.
  if (!enabled || making.plan.idleFunctions.has(target.name)) return result;
  if (sourceArn.includes(":sqs:")) planQueueMapping(sourceArn, target, resource, making);
  else if (sourceArn.includes(":dynamodb:") && sourceArn.includes("/stream/"))
    await planStreamMapping(sourceArn, target, resource, making);
  else resource.report(`nothing is fed from ${sourceArn || "its source"}: mappings read queues and tables here`);
  return result;
}

function planQueueMapping(queueArn: string, target: FunctionName, resource: Resource, making: MappingMaking): void {
  const { properties } = resource;
  const maximumConcurrency = properties.group("ScalingConfig").number("MaximumConcurrency");
  making.plan.mappings.push({
    resource,
    queueArn,
    ...named(target),
    batchSize: properties.number("BatchSize") ?? DEFAULT_BATCH_SIZE.queue,
    windowSeconds: properties.number("MaximumBatchingWindowInSeconds") ?? 0,
    reportBatchItemFailures: reportsFailures(resource),
    filters: filtersOf(resource),
    ...(maximumConcurrency === undefined ? {} : { maximumConcurrency }),
  });
}

async function planStreamMapping(
  streamArn: string,
  target: FunctionName,
  resource: Resource,
  making: MappingMaking,
): Promise<void> {
  const { properties } = resource;
  const table = tableOf(streamArn);
  const checkpoint = `${streamArn} ${target.name}`;
  const iterator = await openStream(table, checkpoint, resource, making);
  if (iterator === undefined) return;
  if (properties.number("TumblingWindowInSeconds")) {
    resource.report("its tumbling window is left out: the function is given no state");
  }
  const onFailure = properties.group("DestinationConfig").group("OnFailure").optionalText("Destination");
  making.plan.streamMappings.push({
    resource,
    table,
    streamArn,
    iterator,
    checkpoint,
    ...named(target),
    batchSize: properties.number("BatchSize") ?? DEFAULT_BATCH_SIZE.stream,
    windowSeconds: properties.number("MaximumBatchingWindowInSeconds") ?? 0,
    reportBatchItemFailures: reportsFailures(resource),
    bisectOnError: properties.flag("BisectBatchOnFunctionError"),
    maximumRetries: properties.number("MaximumRetryAttempts") ?? FOR_EVER,
    maximumAgeSeconds: properties.number("MaximumRecordAgeInSeconds") ?? FOR_EVER,
    filters: filtersOf(resource),
    ...(onFailure === undefined ? {} : { onFailure }),
  });
}

/**
 * Where to read a stream from. It is found here and not when reading begins, so that `LATEST` means what is written once the cloud
 * has started. Undefined, and reported, where there is no such stream.
 */
async function openStream(
  table: string,
  checkpoint: string,
  resource: Resource,
  making: MappingMaking,
): Promise<string | undefined> {
  const { checkpoints, sources } = making;
  const after = checkpoints.get(checkpoint);
  const latest = resource.properties.optionalText("StartingPosition") === "LATEST";
  try {
    const stream = sources.stream(table);
    if (after !== undefined) return await stream.open({ after });
    const first = await stream.open("TRIM_HORIZON");
    const { ended: empty } = await stream.read(first, 1);
    // Of an empty stream the latest is the first: kept, so that a cloud that is killed before its first batch skips nothing.
    if (empty) checkpoints.set(checkpoint, BEFORE_THE_FIRST);
    return latest && !empty ? await stream.open("LATEST") : first;
  } catch {
    resource.report(`nothing is fed from the stream of table ${table}, which is not here`);
    return undefined;
  }
}

/** `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`. */
function tableOf(streamArn: string): string {
  return streamArn.split("/")[1] ?? "";
}

function named({ name, qualifier }: FunctionName): { functionName: string; qualifier?: string } {
  return { functionName: name, ...(qualifier === undefined ? {} : { qualifier }) };
}

function reportsFailures({ properties }: Resource): boolean {
  return properties.list("FunctionResponseTypes").includes("ReportBatchItemFailures");
}

function filtersOf({ properties, logicalId, stack }: Resource): ReturnType<typeof parseFilters> {
  return parseFilters(properties.raw("FilterCriteria"), `${logicalId} in stack ${stack}`);
}
