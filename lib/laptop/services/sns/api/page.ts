import { invalidParameter } from "../refusals.ts";

/** Topics and subscriptions in one answer: sns/latest/api/API_ListTopics. */
const PAGE = 100;

/** The elements that follow those of an earlier page. @throws AwsError for a token that no page had */
export function page<Element extends { readonly arn: string }>(elements: readonly Element[], token: string | undefined) {
  const start = token === undefined ? 0 : after(elements, Buffer.from(token, "base64").toString());
  const end = start + PAGE;
  const last = elements[end - 1];
  return {
    elements: elements.slice(start, end),
    next: last !== undefined && elements.length > end ? { NextToken: Buffer.from(last.arn).toString("base64") } : {},
  };
}

function after(elements: readonly { readonly arn: string }[], arn: string): number {
  const index = elements.findIndex((element) => element.arn === arn);
  if (index === -1) throw invalidParameter("NextToken");
  return index + 1;
}
