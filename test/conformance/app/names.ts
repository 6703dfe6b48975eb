/** How the app's resources are called; tests find them by these names. */

/** Begins the names of all of the app's stacks and resources. */
export const PREFIX = "fanfare-conformance";

/** `fanfare-conformance-<name>`. */
export function named(name: string): string {
  return `${PREFIX}-${name}`;
}

/** The table of what functions have seen. */
export const RECORDS = named("records");

/** The SSM parameter with what comes before a topic's name in its ARN: tests know neither account nor region. */
export const TOPIC_ARNS = `/${PREFIX}/topic-arns`;
