import { connectionFailure } from "./connection-failure.ts";
import { OpsError } from "./errors.ts";
import { refusal } from "./refusal.ts";

/** The laptop cloud's default port. */
export const DEFAULT_PORT = 4566;

/** The laptop cloud is one stage. */
const LOCAL_STAGE = "dev";

/** A client of the SDK, which knows the region that it calls. */
export interface RegionalClient {
  readonly config: { readonly region: () => Promise<string> };
}

/** Where a target's calls go, asked of the client that makes them: region, account and profile, or another endpoint than AWS's. */
export async function placeOf({ local, place }: Target, { config }: RegionalClient, account?: string): Promise<string> {
  if (local !== undefined || !place.startsWith("AWS")) return place;
  const profile = process.env["AWS_PROFILE"];
  return [
    "AWS",
    await config.region(),
    ...(account === undefined ? [] : [`account ${account}`]),
    ...(profile ? [`profile ${profile}`] : []),
  ].join(", ");
}

/** A call that AWS never answers ends: an operator cannot tell it from one that takes long. */
const requestHandler = { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true };

/** More than the SDK's three: AWS throttles an account in which much goes wrong, which is when operators work. */
const MAX_ATTEMPTS = 6;

/** Settings for AWS clients. For AWS itself, the SDK finds region and credentials. */
export interface ClientSettings {
  readonly requestHandler: typeof requestHandler;
  /** Of each call, including the first. @default - the SDK's */
  readonly maxAttempts?: number;
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A stage of the system: in AWS, or on this machine. */
export interface Target {
  readonly stage: string;
  /** Address of the laptop cloud, without a trailing slash; absent for AWS. */
  readonly local?: string;
  /** Where it is, for display. */
  readonly place: string;
  readonly clients: ClientSettings;
}

/** The options that choose a target. */
export interface TargetOptions {
  /** A stage in AWS. @default the laptop cloud */
  readonly stage?: string | undefined;
  /** Port of the laptop cloud. @default 4566 */
  readonly port?: number | undefined;
  /** Address of the laptop cloud. @default AWS_ENDPOINT_URL, or 127.0.0.1 at the port */
  readonly endpoint?: string | undefined;
}

/**
 * Determines the target without calling it.
 *
 * @throws OpsError when the options contradict each other or the endpoint is not an http address.
 */
export function chooseTarget(options: TargetOptions, variables: NodeJS.ProcessEnv = process.env): Target {
  const { stage, port, endpoint } = options;
  if (stage !== undefined) {
    if (port !== undefined || endpoint !== undefined) {
      throw new OpsError("--stage means AWS, --port and --endpoint mean the laptop cloud: give one or the other");
    }
    return awsTarget(stage, variables);
  }
  if (port !== undefined && endpoint !== undefined)
    throw new OpsError("--port and --endpoint are both given: expected one of them");
  const address = endpoint ?? (port === undefined ? variables["AWS_ENDPOINT_URL"] : undefined);
  return localTarget(address || `http://127.0.0.1:${port ?? DEFAULT_PORT}`);
}

function awsTarget(stage: string, variables: NodeJS.ProcessEnv): Target {
  const instead = configuredEndpoint(variables);
  const region = variables["AWS_REGION"];
  const maxAttempts = Number(variables["AWS_MAX_ATTEMPTS"]) || MAX_ATTEMPTS;
  return { stage, place: instead ?? (region ? `AWS, ${region}` : "AWS"), clients: { requestHandler, maxAttempts } };
}

/**
 * An endpoint that the SDK takes from the environment instead of AWS's, with the variable: the operator should see that this is
 * not AWS. sdkref/latest/guide/feature-ss-endpoints
 */
function configuredEndpoint(variables: NodeJS.ProcessEnv): string | undefined {
  if (variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true") return undefined;
  const [name, url] =
    Object.entries(variables).find(([name, value]) => /^AWS_ENDPOINT_URL(_[A-Z0-9_]+)?$/.test(name) && value) ?? [];
  return url && `${url} (${name})`;
}

function localTarget(address: string): Target {
  const url = URL.parse(address);
  if (url?.protocol !== "http:")
    throw new OpsError(`the endpoint "${address}" is not an address like http://127.0.0.1:${DEFAULT_PORT}`);
  return {
    stage: LOCAL_STAGE,
    local: url.origin,
    place: url.origin,
    clients: {
      requestHandler,
      endpoint: url.origin,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    },
  };
}

/**
 * Runs work against the target that the options choose.
 *
 * @throws what the work throws; an OpsError instead if the connection fails or AWS refuses the caller.
 */
export async function onTarget<Result>(options: TargetOptions, work: (target: Target) => Promise<Result>): Promise<Result> {
  const target = chooseTarget(options);
  try {
    return await work(target);
  } catch (error) {
    throw explainFailure(error, target);
  }
}

/** An error that the operator can act on, for one from an AWS client. */
export function explainFailure(error: unknown, target: Target): unknown {
  if (!(error instanceof Error) || error instanceof OpsError) return error;
  const message = connectionFailure(error) === undefined ? refusal(error) : nobodyAnswers(error, target);
  return message === undefined ? error : new OpsError(message, { cause: error });
}

function nobodyAnswers(error: Error, { local }: Target): string {
  return local === undefined
    ? `AWS cannot be reached (${connectionFailure(error)}): check the network and the region`
    : `no laptop cloud answers at ${local}: start it with \`npm start\``;
}
