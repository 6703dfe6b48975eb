import { topicsOf, topicVariable } from "#lib/contracts/topic.ts";
import { type Deployment, setUpProducer, setUpService } from "../account.ts";
import type { Code } from "../code.ts";
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
};

/** Their folders, to be bundled. */
export const PROGRAM_FOLDERS = Object.values(CODE);

/** Sets up the services that run programs, with the operations that are done to them. */
export function setUpPrograms(world: World, code: Code, operations: Operations): void {
  const topics = topicsOf([...weaver.consumes, ...weaver.publishes]);
  for (const { name } of topics) world.addTopic(name, false);
  const variables = Object.fromEntries(topics.map((topic) => [topicVariable(topic), topic.name]));
  setUpService(world, weaver, code, variables, weaverDeployment(world, operations));
  setUpService(world, dial, code, variables, { folder: () => CODE.dial, finish: () => {} });
  setUpProducer(world, code);
  lagBehind(world, operations);
  for (const key of HEAPS) {
    const id = { pk: { S: `heap#${key}` }, sk: { S: "-" } };
    world.tableOf(weaver.name).seed({ ...id, key: { S: key }, total: { N: String(HEAP_BEGINS) }, version: { N: "1" } });
  }
  // A deployment replaces environments one by one: those of before are thrown away when they are next idle.
  const { from } = operations.code;
  if (from >= 0) world.scheduler.after(from, () => world.mappings.forEach((mapping) => mapping.retire()));
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
