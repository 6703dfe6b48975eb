import { functionVariables } from "#lib/contracts/function-variables.ts";
import { FOR_RELAY } from "#lib/contracts/item-attributes.ts";
import { topicsOf, topicVariable } from "#lib/contracts/topic.ts";
import { type Deployment, loader, setUpProducer, setUpService } from "../account.ts";
import { Environment } from "../cloud/environment.ts";
import { Stream } from "../cloud/stream.ts";
import type { Code } from "../code.ts";
import desk from "../services/desk/service.ts";
import dial from "../services/dial/service.ts";
import { programAsked, programAsked2 } from "../services/weaver/events.ts";
import weaver from "../services/weaver/service.ts";
import type { World } from "../world.ts";
import { HEAP_BEGINS, HEAPS } from "./draw-program.ts";
import { hasHappened, type Operations } from "./operations.ts";

const HERE = "test/reliability/simulation/services";

/** The code of the services that run programs, by what it is. */
const CODE = {
  weaver: `${HERE}/weaver`,
  oldWeaver: `${HERE}/weaver-old`,
  dial: `${HERE}/dial`,
  plainDial: `${HERE}/dial-plain`,
  retiredDial: `${HERE}/dial-retired`,
  desk: `${HERE}/desk`,
  relay: "lib/runtime/relay",
};

/** The function that publishes what requests to the desk emit. */
export const RELAY = `${desk.name}-relay`;

/** As lib/constructs sets it. */
const RELAY_TIMEOUT_MILLISECONDS = 60_000;

/** Their folders, to be bundled. */
export const PROGRAM_FOLDERS = Object.values(CODE);

/** Sets up the services that run programs, with the operations that are done to them. */
export function setUpPrograms(world: World, code: Code, operations: Operations): void {
  const topics = topicsOf([...weaver.consumes, ...weaver.publishes]);
  for (const { name } of topics) world.addTopic(name, false);
  const variables = Object.fromEntries(topics.map((topic) => [topicVariable(topic), topic.name]));
  setUpService(world, weaver, code, variables, weaverDeployment(world, operations));
  setUpService(world, dial, code, variables, dialDeployment(world, operations));
  setUpService(world, desk, code, variables, { folder: () => CODE.desk, finish: () => {} });
  setUpRelay(world, code, variables);
  setUpProducer(world, code);
  lagBehind(world, operations);
  for (const { name } of [weaver, desk]) {
    for (const key of HEAPS) {
      const id = { pk: { S: `heap#${key}` }, sk: { S: "-" } };
      world.tableOf(name).seed({ ...id, key: { S: key }, total: { N: String(HEAP_BEGINS) }, version: { N: "1" } });
    }
  }
  // A deployment replaces environments one by one: those of before are thrown away when they are next idle.
  for (const { from } of [operations.code, operations.inbox.into, operations.inbox.back]) {
    if (from >= 0 && from < Infinity) world.scheduler.after(from, () => world.mappings.forEach((mapping) => mapping.retire()));
  }
}

/** The dial's inbox moves from records into its items, and perhaps back. */
function dialDeployment(world: World, { inbox: { into, back } }: Operations): Deployment {
  let finished = false;
  return {
    folder: () => {
      if (finished) return back.from < Infinity ? CODE.retiredDial : CODE.dial;
      if (hasHappened(world, back)) return CODE.retiredDial;
      return hasHappened(world, into) ? CODE.dial : CODE.plainDial;
    },
    finish: () => {
      finished = true;
    },
  };
}

/** The relay on the stream of the desk's table. */
function setUpRelay(world: World, code: Code, topics: Readonly<Record<string, string>>): void {
  const variables = { [functionVariables.service]: desk.name, [functionVariables.version]: "simulated", ...topics };
  const load = loader(world, code, CODE.relay);
  world.tableOf(desk.name).stream = new Stream(world, {
    create: () => new Environment(world, RELAY, load, variables),
    isFor: (item) => item[FOR_RELAY]?.BOOL === true,
    timeoutMilliseconds: RELAY_TIMEOUT_MILLISECONDS,
  });
}

function weaverDeployment(world: World, { code }: Operations): Deployment {
  let finished = false;
  return {
    folder: () => (finished || hasHappened(world, code) ? CODE.weaver : CODE.oldWeaver),
    finish: () => {
      finished = true;
    },
  };
}

/** Makes the weaver's subscription go by its filter policy of before until the new one holds. */
function lagBehind(world: World, { filter }: Operations): void {
  const { subscriptions } = world.topic(programAsked.topic.name);
  const subscription = subscriptions.find(({ service }) => service === weaver.name)!;
  const [old, current] = [new Set<string>([programAsked.type]), new Set<string>([programAsked.type, programAsked2.type])];
  Object.defineProperty(subscription, "types", { get: () => (hasHappened(world, filter) ? current : old) });
}
