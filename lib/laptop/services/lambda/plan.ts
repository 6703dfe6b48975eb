import type { Resource } from "../../cloudformation/resource.ts";
import type { FunctionConfig } from "./functions/function-config.ts";
import type { Filters } from "./mappings/filter-criteria.ts";
import type { StreamMappingConfig } from "./mappings/stream-config.ts";

/** What templates ask of Lambda: collected while they are provisioned, and run once every resource exists. */
export class LambdaPlan {
  /** Functions to run, by name. */
  readonly functions = new Map<string, PlannedFunction>();
  /** Names of the templates' functions that cannot run here. */
  readonly idleFunctions = new Set<string>();
  /** The folder of each layer, by the ARN of its version. */
  readonly layers = new Map<string, string>();
  /** Function URLs, by id. */
  readonly urls = new Map<string, PlannedUrl>();
  readonly mappings: PlannedMapping[] = [];
  readonly streamMappings: PlannedStreamMapping[] = [];
}

export interface PlannedFunction {
  readonly config: FunctionConfig;
  /** The ARN of the role that it runs as. */
  readonly role: string;
  /** The version that each qualifier stands for: versions for themselves, aliases for theirs. */
  readonly qualifiers: Map<string, string>;
  /** What becomes of asynchronous invocations, by the qualifier that they name; `$LATEST` stands for none. */
  readonly asyncConfigs: Map<string, AsyncConfig>;
  /** Where it can be called by plain HTTP. */
  readonly urls: string[];
  /** The ARN of the queue or topic that takes events which the function has failed on. */
  readonly deadLetterTarget?: string;
}

/** An AWS::Lambda::EventInvokeConfig; what it leaves out has Lambda's default. */
export interface AsyncConfig {
  /** Attempts after the first, 0 to 2. */
  readonly maximumRetries?: number;
  readonly maximumAgeSeconds?: number;
  /** ARNs of a queue, a topic or a function. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

/** A function that is called by plain HTTP. */
export interface PlannedUrl {
  readonly functionName: string;
  readonly qualifier?: string;
  /** Whether callers have to sign (`AWS_IAM`). */
  readonly signed: boolean;
}

/** A queue that a function drains. */
export interface PlannedMapping {
  /** The event source mapping of the template. */
  readonly resource: Resource;
  readonly queueArn: string;
  readonly functionName: string;
  /** The version or alias that it invokes; absent: none. */
  readonly qualifier?: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
  /** What a message must match; one that does not is deleted. */
  readonly filters: Filters;
}

/** A table whose changes a function is fed with. */
export interface PlannedStreamMapping extends StreamMappingConfig {
  readonly resource: Resource;
  /** The version or alias that is fed; absent: the latest code. */
  readonly qualifier?: string;
  readonly table: string;
  /** Where in the table's stream to begin. */
  readonly iterator: string;
  /** What its progress is kept under. */
  readonly checkpoint: string;
}
