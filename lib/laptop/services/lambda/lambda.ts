import type { Access } from "../../iam/access.ts";
import { refusalMessage, type Refused } from "../../iam/refusal.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { CloudError } from "../../shared/errors.ts";
import type { Call } from "../call.ts";
import type { CloudContext } from "../context.ts";
import type { Delivery } from "../delivery.ts";
import type { Output, Service } from "../service.ts";
import { lambdaAccess, urlAccess } from "./accesses.ts";
import { LambdaApi } from "./api.ts";
import { CodeFolders } from "./code/code-folders.ts";
import { findFunction } from "./functions/function-lookup.ts";
import type { Sources } from "./mappings/sources.ts";
import { StreamCheckpoints } from "./mappings/stream-checkpoints.ts";
import { LambdaPlan } from "./plan.ts";
import { protocol, URLS_PATH } from "./protocol.ts";
import { mappingResources } from "./resources/event-source-mapping.ts";
import { functionResources } from "./resources/functions.ts";
import { invocationResources } from "./resources/invocations.ts";
import { versionResources } from "./resources/versions.ts";
import { functionStatus, type FunctionStatus } from "./status.ts";
import { FunctionUrls } from "./urls/function-urls.ts";
import { Workload } from "./workload.ts";

/** Where functions and their code come from. */
export interface LambdaOptions {
  /** The folder of the cloud assembly. */
  readonly assembly: string;
  /** Folder or file of each asset, by its object key. */
  readonly assets: ReadonlyMap<string, string>;
  /** Folders of the user's projects, where packages are looked for that Lambda would provide. */
  readonly projects: readonly string[];
}

/** Lambda: functions, their versions, URLs and asynchronous invocations, and the mappings that feed them. */
export class LambdaService implements Service {
  readonly name = "lambda";
  readonly address = { ownPaths: [URLS_PATH], paths: /^\/2015-03-31\/functions/ };
  /** The API refuses larger payloads itself, and says by how much. */
  readonly bodyLimit = 7 * 1_024 * 1_024;
  readonly takes = "lambda:InvokeFunction";
  readonly resources: Service["resources"];
  readonly workload: Workload;
  readonly #plan = new LambdaPlan();
  readonly #code: CodeFolders;
  readonly #api: LambdaApi;
  readonly #urls: FunctionUrls;

  constructor(context: CloudContext, sources: Sources, { assembly, assets, projects }: LambdaOptions) {
    const { folder, port } = context;
    const { policies } = context.iam;
    const plan = this.#plan;
    const code = (this.#code = new CodeFolders(assets, assembly));
    const checkpoints = new StreamCheckpoints(folder?.path("streams.json"));
    this.workload = new Workload(context, { sources, checkpoints, code });
    this.#api = new LambdaApi(this.workload.functions, (found, event) => this.workload.accept(found, event), policies);
    this.#urls = new FunctionUrls(plan.urls, this.workload.functions);
    this.resources = {
      ...functionResources({ plan, policies, assets, code, projects }),
      ...versionResources(plan),
      ...invocationResources(plan, policies, port),
      ...mappingResources({ plan, sources, checkpoints }),
    };
  }

  protocol(): typeof protocol {
    return protocol;
  }

  handle(call: Call): Output | Promise<Output> {
    return call.operation === "InvokeFunctionUrl" ? this.#urls.handle(call) : this.#api.handle(call);
  }

  accesses(call: Call): readonly Access[] | "open" {
    if (call.operation !== "InvokeFunctionUrl") return lambdaAccess(call);
    const url = this.#urls.find(call);
    return url?.signed ? urlAccess(url) : "open";
  }

  openTo(call: Call): readonly string[] {
    const url = this.#urls.find(call);
    return url ? urlAccess(url).flatMap(({ resources }) => resources) : [];
  }

  accessDenied(refused: Refused): AwsError {
    return new AwsError("AccessDeniedException", refusalMessage(refused), 403);
  }

  throttled(message: string): AwsError {
    return new AwsError("TooManyRequestsException", message, 429);
  }

  /** Invokes a function asynchronously. @throws CloudError where there is no such function, version or alias */
  take(functionArn: string, { event }: Delivery): void {
    const found = findFunction(this.workload.functions, functionArn);
    if (!found) throw new CloudError(`there is no function ${functionArn}`);
    this.workload.accept(found, event);
  }

  start(): void {
    this.workload.start(this.#plan);
  }

  remaining(): readonly string[] {
    return this.workload.remaining();
  }

  skipWaits(): void {
    this.workload.skipWaits();
  }

  status(): { functions: readonly FunctionStatus[] } {
    return { functions: functionStatus(this.workload) };
  }

  async stop(): Promise<void> {
    await this.workload.stop();
    this.#code.remove();
  }
}
