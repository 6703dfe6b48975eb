import { structuresOf } from "./structures.ts";

const CARRIES_TAGS = new Set(["CreateTable", "TagResource", "UntagResource"]);

/** `aws:RequestTag/…` and `aws:TagKeys` of a call; undefined for any other key. IAM user guide, "Controlling access using tags" */
export function tagKeys(operation: string, input: Readonly<Record<string, unknown>>, key: string): string[] | undefined {
  const isTagKeys = key === "aws:tagkeys";
  if (!isTagKeys && !key.startsWith("aws:requesttag/")) return undefined;
  if (!CARRIES_TAGS.has(operation)) return [];
  const { Tags: tags, TagKeys: removed } = input;
  const given = structuresOf(tags);
  if (isTagKeys) return [...given.map((tag) => String(tag["Key"])), ...(Array.isArray(removed) ? removed.map(String) : [])];
  const name = key.slice("aws:requesttag/".length);
  return given.filter((tag) => String(tag["Key"]).toLowerCase() === name).map((tag) => String(tag["Value"]));
}
