export {
  type AnyEntityDefinition,
  defineEntity,
  type EntityDefinition,
  type EntityId,
  type EntityIndex,
  type ItemOf,
} from "./entity.ts";
export { createEnvelope, type Envelope, type EnvelopeOf, type EnvelopeOptions } from "./envelope.ts";
export { extensionsOf, type Extensions, type ExtensionValue } from "./cloudevents/extensions.ts";
export { InvalidEventError } from "./errors.ts";
export { type AnyEventDefinition, type DataOf, defineEvent, type EventDefinition, type EventType } from "./event.ts";
export { defineService, type ServiceDefinition } from "./service.ts";
export { downcastTo, upcastFrom } from "./versions.ts";
export { defineTopic, type TopicDefinition } from "./topic.ts";
