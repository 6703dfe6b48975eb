import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Chaos } from "../chaos/chaos.ts";
import { Interference } from "../chaos/interference.ts";
import { CloudError } from "../shared/errors.ts";
import { AwsError } from "../shared/aws-error.ts";
import { refusalFor, refuseLarge, sendError } from "./http.ts";
import { handleChaos, isChaosPath } from "./chaos-page.ts";
import type { IamDoor } from "../iam/door.ts";
import type { DynamoDbService } from "../services/dynamodb/dynamodb.ts";
import { type FunctionUrls, isFunctionUrl } from "../services/lambda/urls/function-url.ts";
import type { LambdaService } from "../services/lambda/lambda.ts";
import type { MessagingService } from "../services/fauxqs/messaging.ts";
import type { Mailbox } from "../services/ses/ses.ts";
import type { ParameterStore } from "../services/ssm/ssm.ts";
import type { InspectionPages } from "./inspection.ts";

/** No API takes a longer body, in bytes: 16 MB are DynamoDB's BatchWriteItem. Most services take far less. */
const BODY_LIMIT = 16 * 1_024 * 1_024;

/** What stands behind the gateway. */
export interface Services {
  readonly messaging: MessagingService;
  readonly dynamodb: DynamoDbService;
  readonly parameters: ParameterStore;
  readonly mailbox: Mailbox;
  readonly lambda: LambdaService;
  readonly functionUrls: FunctionUrls;
  readonly inspection: InspectionPages;
  readonly iam: IamDoor;
  readonly chaos: Chaos;
}

/** The one address of the cloud: it finds out which AWS service a call is for, and passes it there. */
export class Gateway {
  readonly port: number;
  readonly #server: Server;
  #services: Services | undefined;
  #interference: Interference | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  /** Listens on loopback alone; port 0 takes any. @throws CloudError where the port is in use. */
  static async listen(port: number): Promise<Gateway> {
    const server = createServer({ keepAliveTimeout: 30_000, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(port, error)));
      server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address();
    return new Gateway(server, typeof address === "object" && address ? address.port : port);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Opens the gateway. Until then every call is told to come again. */
  open(services: Services): void {
    this.#services = services;
    this.#interference = new Interference(services.chaos, this.endpoint);
  }

  /** Stops listening and drops the connections that are left. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseForeigners(request);
      refuseLarge(request, BODY_LIMIT);
      if (!this.#services) throw new AwsError("ServiceUnavailable", "The laptop cloud is starting.", 503);
      const api = apiOf(request);
      if (api !== undefined) {
        await this.#services.iam.check(request, api);
        await this.#interference?.meet(request, response, api);
      }
      await route(this.#services, api, request, response);
    } catch (thrown) {
      request.resume();
      sendError(request, response, refusalFor(thrown));
    }
  }
}

/** A page of another site can reach loopback by a name of its own (DNS rebinding) or by a plain form: neither gets in. */
function refuseForeigners(request: IncomingMessage): void {
  const host = request.headers.host ?? "";
  if (!isLoopback(host))
    throw new AwsError("AccessDenied", `This cloud answers on 127.0.0.1 and localhost, not as ${host}.`, 403);
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    throw new AwsError("AccessDenied", `Calls from ${origin} are refused.`, 403);
}

function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\]|([a-z0-9_-]+\.)+localhost)(:\d+)?$/i.test(host);
}

function route(
  services: Services,
  api: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> | void {
  const target = String(request.headers["x-amz-target"] ?? "");
  const path = request.url ?? "/";
  switch (api) {
    case "dynamodb":
      return services.dynamodb.handle(request, response, target);
    case "ssm":
      return services.parameters.handle(request, response, target);
    case "ses":
      return services.mailbox.handle(request, response);
    case "lambda":
      return services.lambda.handle(request, response);
    case FUNCTION_URL:
      return services.functionUrls.handle(request, response);
    case "sns":
    case "sts":
      return services.messaging.handleQuery(request, response);
    case "sqs":
      return services.messaging.handleSqs(request, response, target);
    case "s3":
      return services.messaging.handleS3(request, response);
    case undefined:
      if (isChaosPath(path)) return handleChaos(services.chaos, request, response);
      if (path.startsWith(PAGES)) return services.inspection.handle(request, response);
  }
  throw new AwsError(
    "UnknownOperationException",
    `No service of the laptop cloud answers ${target === "" ? `${request.method} ${path}` : target}.`,
  );
}

/** What the cloud says about itself stands below this path, which no API has. */
const PAGES = "/_fanfare/";

/** Calls of the functions' own URLs, which speak no protocol of AWS's. */
const FUNCTION_URL = "function-url";

/** The JSON protocols' targets, by what they begin with. */
const TARGETS = { DynamoDB: "dynamodb", "AmazonSQS.": "sqs", "AmazonSSM.": "ssm" };

/** The API that a call is for: by the JSON protocols' target, by the service that the caller signed for, and failing both by the path. */
function apiOf(request: IncomingMessage): string | undefined {
  const target = request.headers["x-amz-target"];
  if (isFunctionUrl(request.url ?? "/")) return FUNCTION_URL;
  if (typeof target === "string")
    return Object.entries(TARGETS).find(([prefix]) => target.startsWith(prefix))?.[1] ?? "unknown";
  const path = request.url ?? "/";
  return path.startsWith(PAGES) ? undefined : (signedService(request) ?? serviceByPath(path, request) ?? "unknown");
}

/** The service in a signature's scope: `Credential=<key>/<date>/<region>/<service>/aws4_request`. */
function signedService({ headers, url }: IncomingMessage): string | undefined {
  const signed = /Credential=[^/]*\/\d+\/[^/]*\/([^/]+)\//.exec(headers.authorization ?? "")?.[1];
  if (signed !== undefined) return signed;
  // A presigned URL carries its signature in the query; S3 is the one service that is used so.
  return url?.includes("X-Amz-Signature=") ? "s3" : undefined;
}

function serviceByPath(path: string, { headers }: IncomingMessage): string | undefined {
  if (path.startsWith("/v2/email/")) return "ses";
  if (path.startsWith("/2015-03-31/functions")) return "lambda";
  // Queues are called at their own URL: `/<account>/<name>`.
  if (/^\/\d{12}\/[\w-]/.test(path)) return "sqs";
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return "sns";
  return headers.host?.toLowerCase().includes(".localhost") ? "s3" : undefined;
}

function cannotListen(port: number, error: NodeJS.ErrnoException): CloudError {
  const reason = error.code === "EADDRINUSE" ? "is in use" : `cannot be opened (${error.code ?? error.message})`;
  return new CloudError(`Port ${port} ${reason}. Stop what listens there, or choose another with --port <number>.`);
}
