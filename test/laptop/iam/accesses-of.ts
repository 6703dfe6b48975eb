import * as v from "valibot";
import type { Access } from "#lib/laptop/iam/access.ts";
import { administrator } from "#lib/laptop/iam/evaluator/principal.ts";
import type { WireRequest } from "#lib/laptop/services/call.ts";
import { DynamoDbService } from "#lib/laptop/services/dynamodb/dynamodb.ts";
import { LambdaService } from "#lib/laptop/services/lambda/lambda.ts";
import { S3Service } from "#lib/laptop/services/s3/s3.ts";
import type { Service } from "#lib/laptop/services/service.ts";
import { SesService } from "#lib/laptop/services/ses/ses.ts";
import { SnsService } from "#lib/laptop/services/sns/sns.ts";
import { SqsService } from "#lib/laptop/services/sqs/sqs.ts";
import { SsmService } from "#lib/laptop/services/ssm/ssm.ts";
import { StsService } from "#lib/laptop/services/sts/sts.ts";
import { cloudContext } from "../../support/cloud-context.ts";

/** A request, as far as these tests vary it. */
export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the JSON protocol; empty for the others. */
  readonly operation: string;
  readonly body: string;
}

const context = cloudContext("off");
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- accesses are derived without any engine
const nothing = {} as never;
const services: readonly Service[] = [
  new SqsService(context),
  new SnsService(context),
  new DynamoDbService(context, nothing),
  new LambdaService(context, nothing, { assembly: ".", assets: new Map(), projects: [] }),
  new SsmService(context, {}, {}),
  new SesService(),
  new StsService(),
  await S3Service.create(context),
];

const members = v.record(v.string(), v.unknown());

const TARGETS: Readonly<Record<string, string>> = { dynamodb: "DynamoDB_20120810.", sqs: "AmazonSQS.", ssm: "AmazonSSM." };

/** What a call of a service does that IAM decides on, read as the gateway reads it. */
export function accessesOf(api: string, { method, url, headers, operation, body }: Request): readonly Access[] {
  const service = services.find(({ name }) => name === api);
  if (!service) throw new Error(`There is no service ${api}.`);
  const [path = "/", query = ""] = url.split("?", 2);
  const target = operation === "" ? "" : `${TARGETS[api]}${operation}`;
  const request: WireRequest = { method, path, query, headers, body: Buffer.from(body), target, signedFor: api };
  // What a call has to have beside what IAM looks at is left out here.
  const read =
    target === "" ? service.protocol(request).read(request) : { operation, input: v.parse(members, JSON.parse(body || "{}")) };
  const { signal } = new AbortController();
  const call = { service: api, operation: read.operation, input: read.input, caller: administrator, request, signal };
  const accesses = service.accesses(call);
  return accesses === "open" ? [] : accesses;
}
