import { AssetHashType, type Duration } from "aws-cdk-lib/core";
import type { IRole } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Bundle } from "./bundle.ts";

/** Memory also buys processor time; 512 MB starts a small bundle in about 0.1 s (lambda-perf). */
const MEMORY_MEGABYTES = 512;

export interface ServiceFunctionProps {
  readonly functionName: string;
  readonly description: string;
  readonly bundle: Bundle;
  readonly timeout: Duration;
  readonly role: IRole;
  readonly logGroup: ILogGroup;
  /** The function's environment variables. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A service's Lambda function, made from its bundle. */
export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.function = new LambdaFunction(this, "Function", {
      functionName: props.functionName,
      description: props.description,
      architecture: Architecture.ARM_64,
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: Code.fromAsset(props.bundle.directory, { assetHash: props.bundle.hash, assetHashType: AssetHashType.CUSTOM }),
      memorySize: MEMORY_MEGABYTES,
      timeout: props.timeout,
      role: props.role,
      logGroup: props.logGroup,
      // Without START, END and REPORT, half of what a handled event writes; what fails is logged at WARN:
      // lambda/latest/dg/monitoring-cloudwatchlogs-log-level, "System log level event mapping".
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      // LOG_LEVEL decides: the runtime's log filters by itself.
      applicationLogLevelV2: ApplicationLogLevel.TRACE,
      environment: { ...props.environment },
    });
  }
}
