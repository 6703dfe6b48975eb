import { account } from "../shared/account.ts";
import { isRecord } from "../shared/json.ts";

/** A CloudFormation template: its sections, each by logical id. A section that a template lacks is empty. */
export interface Template {
  readonly parameters: Section;
  readonly mappings: Section;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly rules: Section;
  readonly resources: Section;
  readonly outputs: Section;
}

export type Section = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The sections of a template. Metadata, descriptions and transforms have no effect here. */
export function templateOf(document: Readonly<Record<string, unknown>>): Template {
  return {
    parameters: section(document["Parameters"]),
    mappings: section(document["Mappings"]),
    conditions: isRecord(document["Conditions"]) ? document["Conditions"] : {},
    rules: section(document["Rules"]),
    resources: section(document["Resources"]),
    outputs: section(document["Outputs"]),
  };
}

/** The members of a section that are objects, by logical id. */
export function section(value: unknown): Record<string, Record<string, unknown>> {
  if (!isRecord(value)) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]));
  return Object.fromEntries(entries);
}

/**
 * A template as it would be for the laptop cloud's account and region: a stack that names its own writes them into ARNs.
 *
 * @param environment as a cloud assembly has it, `aws://123456789012/eu-west-1`; parts that are not known are left alone
 */
export function inLocalAccount(document: Readonly<Record<string, unknown>>, environment: string): Record<string, unknown> {
  const [, id = "", region = ""] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  const replacements = [
    ...(/^\d{12}$/.test(id) ? [[whole(id), account.id] as const] : []),
    ...(/^[a-z]+(-[a-z]+)+-\d+$/.test(region) ? [[whole(region), account.region] as const] : []),
  ];
  const localized = mapTexts(document, (text) =>
    replacements.reduce((result, [pattern, local]) => result.replaceAll(pattern, local), text),
  );
  return isRecord(localized) ? localized : {};
}

/** A part of an ARN, or a text of its own; never a part of a name that somebody chose. */
function whole(part: string): RegExp {
  return new RegExp(`(?<=^|:)${part}(?=$|:)`, "g");
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapTexts(member, change)]));
}
