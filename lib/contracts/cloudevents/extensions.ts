import { InvalidEventError } from "../errors.ts";

/*
 * Extension attributes of CloudEvents: what a publisher says of an event beside the attributes that the specification and Fanfare name. On
 * the wire, and in an envelope, they stand beside those. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#extension-context-attributes
 */

/** The value of an extension attribute. A number is a whole number of 32 bits; binary data and times are texts. */
export type ExtensionValue = string | number | boolean;

/** Extension attributes, by name. */
export type Extensions = Readonly<Record<string, ExtensionValue>>;

/** The attributes that the envelope types. */
const TYPED = new Set(
  "specversion id source type subject time datacontenttype dataschema traceparent tracestate correlationid causationid data".split(
    " ",
  ),
);

/** CloudEvents, "Attribute Naming Convention". */
const NAME = /^[a-z0-9]+$/;

/** CloudEvents, "Type System": Integer. */
const LARGEST = 2 ** 31 - 1;
const LEAST = -(2 ** 31);

/** The extension attributes of an event, such as its `partitionkey`: those that the envelope does not type. */
export function extensionsOf(event: object): Extensions {
  return Object.fromEntries(Object.entries(event).filter(isExtension));
}

/**
 * Checks a publisher's extension attributes.
 *
 * @throws InvalidEventError when CloudEvents allows no such attribute, or it is one that the envelope sets.
 */
export function requireExtensions(extensions: Extensions): Extensions {
  for (const [name, value] of Object.entries(extensions)) {
    if (isExtension([name, value])) continue;
    const what = TYPED.has(name) ? "is set by the envelope" : `is ${JSON.stringify(value)}`;
    throw new InvalidEventError(
      `the extension "${name}" ${what}: expected a name of lower-case letters and digits, and a text, a whole number or a boolean`,
    );
  }
  return extensions;
}

function isExtension(attribute: [name: string, value: unknown]): attribute is [string, ExtensionValue] {
  const [name, value] = attribute;
  if (!NAME.test(name) || TYPED.has(name)) return false;
  if (typeof value === "number") return Number.isInteger(value) && value >= LEAST && value <= LARGEST;
  return typeof value === "string" || typeof value === "boolean";
}
