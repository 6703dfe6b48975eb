export type { ClaimCheck } from "./claim-check.ts";
export { consumer, type ConsumerOptions, type Handlers } from "./consumer.ts";
export { requireVariable } from "./config.ts";
export { inboxInItem } from "./item-inbox.ts";
export { PermanentError, RetryLaterError } from "./errors.ts";
export { createPublisher, type EventToPublish, type Publisher, type PublishResult, toPublish } from "./publisher.ts";
export { EventTooLargeError } from "./message.ts";
export type { UnitOfWork } from "./unit-of-work.ts";
