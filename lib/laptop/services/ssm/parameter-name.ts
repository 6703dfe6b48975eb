/** A parameter as callers name it. */
export interface ParameterName {
  /** `/shop/url`, or `plain`. */
  readonly name: string;
  /** The version or label that is asked for; undefined for the latest. */
  readonly selector: string | undefined;
}

/** Reads `/shop/url`, `/shop/url:3`, `plain:label` or an ARN. IAM and the Parameter Store both go by this reading. */
export function parseParameterName(text: string): ParameterName {
  const [, , , , , ...rest] = text.startsWith("arn:") ? text.split(":") : ["", "", "", "", "", ...text.split(":")];
  const [resource = "", selector] = rest;
  if (!text.startsWith("arn:")) return { name: resource, selector };
  // A name without slashes has none in its ARN but the one after `parameter`.
  const path = resource.replace(/^parameter/, "");
  return { name: path.lastIndexOf("/") === 0 ? path.slice(1) : path, selector };
}
