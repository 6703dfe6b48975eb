import audit from "./services/audit/service.ts";
import bulk from "./services/bulk/service.ts";
import follower from "./services/follower/service.ts";
import gauge from "./services/gauge/service.ts";
import sequence from "./services/sequence/service.ts";
import tally from "./services/tally/service.ts";
import inventory from "../../../functions/inventory/service.ts";
import ledger from "../../../functions/ledger/service.ts";
import notifications from "../../../functions/notifications/service.ts";
import orders from "../../../functions/orders/service.ts";
import payments from "../../../functions/payments/service.ts";
import { isOrdered, type ServiceDefinition } from "#lib/contracts/service.ts";
import { understoodTypes } from "#lib/contracts/versions.ts";
import { topicsOf, topicVariable } from "#lib/contracts/topic.ts";
import { functionVariables as variable, secretVariable } from "#lib/contracts/function-variables.ts";
import { VISIBILITY_PER_TIMEOUT } from "#lib/contracts/limits.ts";
import { type FunctionHandler, Environment } from "./cloud/environment.ts";
import { Mapping } from "./cloud/mapping.ts";
import type { Code } from "./code.ts";
import type { World } from "./world.ts";

/** A service of the simulation: what it is, and where its code lies. */
interface SimulatedService {
  readonly definition: ServiceDefinition;
  readonly folder: string;
  /** Where the code of its version before lies, when it has one. */
  readonly oldFolder?: string;
}

const HERE = "test/reliability/simulation/services";

/** The five services of the reference system, and those that strain the runtime further. */
export const SERVICES: readonly SimulatedService[] = [
  { definition: orders, folder: "functions/orders" },
  { definition: inventory, folder: "functions/inventory" },
  { definition: payments, folder: "functions/payments" },
  { definition: notifications, folder: "functions/notifications" },
  { definition: ledger, folder: "functions/ledger" },
  { definition: tally, folder: `${HERE}/tally`, oldFolder: `${HERE}/tally-old` },
  { definition: audit, folder: `${HERE}/audit` },
  { definition: gauge, folder: `${HERE}/gauge` },
  { definition: bulk, folder: `${HERE}/bulk` },
  { definition: sequence, folder: `${HERE}/sequence` },
  { definition: follower, folder: `${HERE}/follower` },
];

const PRODUCER = `${HERE}/producer`;

/** Every folder that is bundled. */
export const FOLDERS = [...SERVICES.flatMap(({ folder, oldFolder }) => (oldFolder ? [folder, oldFolder] : [folder])), PRODUCER];

/** Which code of a service its environments run. */
export interface Deployment {
  /** The folder of the code that an environment created now runs. */
  readonly folder: () => string;
  /** Ends what is under way: from now on every environment runs the current code. */
  readonly finish: () => void;
}

/** Receives of a message before the runtime gives it up, and those of a standard queue's before SQS does, as lib/constructs sets it. */
export const MAX_RECEIVE_COUNT = 10;

/** The bucket of large events' data. */
const BUCKET = "claims";

/** Records of one invocation. A FIFO queue allows so many times more receives: see lib/constructs/queue/service-queue.ts. */
const BATCH_SIZE = 10;

/** The queue, and through it the function, that publishes the workload. */
export const PRODUCER_QUEUE = "producer";

/** Seconds that a function may run when its definition says nothing, as lib/constructs sets it. */
const DEFAULT_TIMEOUT_SECONDS = 30;

/** Sets up topics, queues, tables, functions and mappings. */
export function setUpAccount(world: World, code: Code): void {
  const definitions = SERVICES.map(({ definition }) => definition);
  const events = definitions.flatMap(({ consumes, publishes }) => [...consumes, ...publishes]);
  for (const { name, fifo = false } of topicsOf(events)) world.addTopic(name, fifo);
  const topics = Object.fromEntries(topicsOf(events).map((topic) => [topicVariable(topic), topic.name]));
  for (const service of SERVICES) setUpService(world, service.definition, code, topics, deploymentOf(world, service));
  setUpProducer(world, code);
}

/** A service's deployment: of one that has an older version, it may be half done. */
function deploymentOf(world: World, { folder, oldFolder }: SimulatedService): Deployment {
  let deployed = oldFolder === undefined || !world.faults.happens("deploy.rolling");
  return {
    folder: () => (deployed || oldFolder === undefined || world.random.chance(0.5) ? folder : oldFolder),
    finish: () => {
      deployed = true;
    },
  };
}

/** Sets up a service's queues, table, subscriptions and mapping. @param topics environment variables that name topics */
export function setUpService(
  world: World,
  definition: ServiceDefinition,
  code: Code,
  topics: Readonly<Record<string, string>>,
  deployment: Deployment,
): void {
  const { name } = definition;
  const timeoutMilliseconds = (definition.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000;
  const fifo = isOrdered(definition);
  const suffix = fifo ? ".fifo" : "";
  const common = { service: name, fifo, visibilityMilliseconds: 30_000 };
  const deadLetters = world.addQueue(`${name}-dlq${suffix}`, common);
  const undelivered = world.addQueue(`${name}-undelivered${suffix}`, common);
  const queue = world.addQueue(`${name}${suffix}`, {
    ...common,
    visibilityMilliseconds: timeoutMilliseconds * VISIBILITY_PER_TIMEOUT,
    redrive: { after: fifo ? 1_000 : MAX_RECEIVE_COUNT, to: deadLetters },
  });
  world.addTable(name);
  world.queuesOf.set(name, { queue, deadLetters, undelivered });
  for (const topic of topicsOf(definition.consumes)) {
    const types = new Set<string>(definition.consumes.filter((event) => event.topic === topic).flatMap(understoodTypes));
    world.topic(topic.name).subscriptions.push({ service: name, types, queue, undelivered });
  }
  const variables = {
    [variable.version]: "simulated",
    [variable.table]: name,
    [variable.queueUrl]: queue.name,
    [variable.deadLetterQueueUrl]: deadLetters.name,
    [variable.maxReceiveCount]: String(MAX_RECEIVE_COUNT),
    [variable.inboxDays]: "32",
    [variable.emailFrom]: "shop@shop.example",
    [variable.claimCheckBucket]: BUCKET,
    PAYMENT_PROVIDER_URL: "http://provider.example",
    [secretVariable("PAYMENT_API_KEY")]: "/payments/PAYMENT_API_KEY",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "simulated",
    AWS_SECRET_ACCESS_KEY: "simulated",
    ...topics,
  };
  const create = () => new Environment(world, name, loader(world, code, deployment.folder()), variables);
  const rules = { batchSize: BATCH_SIZE, maximumConcurrency: 5, timeoutMilliseconds };
  const mapping = new Mapping(world, name, queue, rules, create);
  mapping.onDeployed = deployment.finish;
  world.mappings.set(name, mapping);
}

/** Sets up the function that publishes what is handed to it. */
export function setUpProducer(world: World, code: Code): void {
  const queue = world.addQueue(PRODUCER_QUEUE, { service: "producer", visibilityMilliseconds: 60_000 });
  const rules = { batchSize: BATCH_SIZE, maximumConcurrency: 5, timeoutMilliseconds: 10_000 };
  const create = () =>
    new Environment(world, "producer", loader(world, code, PRODUCER), {
      [variable.claimCheckBucket]: BUCKET,
    });
  world.mappings.set("producer", new Mapping(world, "producer", queue, rules, create));
}

/** Every so many seeds, each environment has its code in memory of its own. */
const ALONE_EVERY = 10;

/** Loads a folder's code for an environment. */
export function loader(world: World, code: Code, folder: string): () => FunctionHandler {
  return world.seed % ALONE_EVERY === 0 ? () => code.loadAlone(folder) : () => code.loadShared(folder, world);
}
