export type { ClaimCheck } from "./publish/claim-check.ts";
export { consumer, type ConsumerOptions, type Handlers } from "./consumer.ts";
export { requireVariable } from "./lambda/config.ts";
export { inboxInItem } from "./unit/item-inbox.ts";
export { PermanentError, RetryLaterError } from "./errors.ts";
export { createPublisher, type EventToPublish, type Publisher, type PublishResult, toPublish } from "./publish/publisher.ts";
export { type Secret, secret } from "./secrets/secret.ts";
export { EventTooLargeError } from "./publish/event-message.ts";
export type { UnitOfWork } from "./unit/unit-of-work.ts";
