import type { CloudContext } from "./services/context.ts";
import { DynamoDbService } from "./services/dynamodb/dynamodb.ts";
import type { DynamoDbTransport } from "./services/dynamodb/engine/transport.ts";
import { IamService } from "./services/iam/iam-service.ts";
import { LambdaService, type LambdaOptions } from "./services/lambda/lambda.ts";
import { S3Service } from "./services/s3/s3.ts";
import { SesService } from "./services/ses/ses.ts";
import { SnsService } from "./services/sns/sns.ts";
import { SqsService } from "./services/sqs/sqs.ts";
import { SsmService } from "./services/ssm/ssm.ts";
import { StsService } from "./services/sts/sts.ts";

/** What some services need beside the context. */
export interface ServiceOptions {
  readonly lambda: LambdaOptions;
  /** The way to the DynamoDB engine. */
  readonly tables: DynamoDbTransport;
  /** SSM parameters by the user, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** SSM parameters of the type SecureString by the user, by name. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Every AWS service that the laptop cloud has. A new one is a folder in services/ and a line here. */
export async function allServices(context: CloudContext, options: ServiceOptions) {
  const sqs = new SqsService(context);
  const dynamodb = new DynamoDbService(context, options.tables);
  return {
    sqs,
    dynamodb,
    sns: new SnsService(context),
    s3: await S3Service.create(context),
    ssm: new SsmService(context, options.parameters, options.secrets),
    ses: new SesService(),
    iam: new IamService(context),
    sts: new StsService(),
    lambda: new LambdaService(
      context,
      { queue: (arn) => sqs.queue(arn), stream: (table) => dynamodb.stream(table) },
      options.lambda,
    ),
  };
}

export type Services = Awaited<ReturnType<typeof allServices>>;
