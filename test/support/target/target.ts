/** Where the tests of a deployed app find it: started for the run, on LocalStack or another emulator, or in an AWS account. */
export const TARGETS = ["embedded", "localstack", "aws"] as const;

/** What the tests of a deployed app talk to. */
export interface Target {
  readonly name: (typeof TARGETS)[number];
  readonly stage: string;
  /** Address of the emulator; absent for AWS, which the SDK finds by its own rules. */
  readonly endpoint?: string;
}

/** Where emulators listen by default. */
const EMULATOR = "http://127.0.0.1:4566";

/** The one stage that tests may write to: they place orders, and let events die. */
const STAGE = "dev";

/**
 * The target that the environment names: FANFARE_TARGET (`embedded` by default), FANFARE_STAGE (`dev`), and for LocalStack
 * AWS_ENDPOINT_URL. An embedded cloud has an address once it has been started: see worker-target.ts.
 *
 * @throws Error in one line, when a value is none of those that are expected
 */
export function targetFrom(environment: NodeJS.ProcessEnv): Target {
  const given = environment["FANFARE_TARGET"] || "embedded";
  const name = TARGETS.find((known) => known === given);
  if (name === undefined) throw new Error(`FANFARE_TARGET is "${given}": expected ${TARGETS.join(", ")}`);
  const stage = environment["FANFARE_STAGE"] || STAGE;
  if (stage !== STAGE) {
    throw new Error(`FANFARE_STAGE is "${stage}": the tests place orders and let events die, so they take ${STAGE} alone`);
  }
  return { name, stage, ...(name === "localstack" && { endpoint: environment["AWS_ENDPOINT_URL"] || EMULATOR }) };
}

/** What the constructor of every AWS client takes to reach the target. */
export function clientSettings({ endpoint }: Pick<Target, "endpoint">) {
  if (endpoint === undefined) return {};
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}

/** How long something may take to come true, and how long to wait between two looks at it, in milliseconds. */
export interface Patience {
  readonly longest: number;
  readonly pause: number;
}

/**
 * The bounds end a test that hangs, and judge no speed. They leave room for a few retries of the services, which come after 1, 2,
 * 4 … seconds at the most.
 */
const PATIENCE: Readonly<Record<Target["name"], Patience>> = {
  embedded: { longest: 120_000, pause: 50 },
  localstack: { longest: 120_000, pause: 250 },
  aws: { longest: 120_000, pause: 500 },
};

/** How patient tests are with a target. */
export function patienceWith({ name }: Pick<Target, "name">): Patience {
  return PATIENCE[name];
}
