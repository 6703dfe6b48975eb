import { bug, type PlantedBug } from "./planted-bug.ts";

/** Bugs beside the consumer: of the relay, of an inbox that moves, of events that are published in two versions. */
export const BESIDE: readonly PlantedBug[] = [
  bug(
    "the relay takes an event that SNS refused for published",
    "relay/relay",
    "else if (!failures.has(sequenceNumber)) failures.set(sequenceNumber, result.error);",
    "",
    "programs",
  ),
  bug(
    "an inbox that moves does not ask for records",
    "unit/home-inbox",
    "if (this.#isMoving || spilledUntil(item) > 0) await this.#record.requireNew();",
    "if (spilledUntil(item) > 0) await this.#record.requireNew();",
    "programs",
  ),
  bug(
    "an event is published in its newest version alone",
    "unit/outbox",
    "for (const prepared of older) this.#add(definition.topic.name, prepared);",
    "",
    "programs",
  ),
];
