import { AwsError } from "../../../shared/aws-error.ts";

/** An object that DeleteObjects deletes. */
export interface DeletedObject {
  readonly Key: string;
  readonly VersionId?: string;
}

const ENTITIES: ReadonlyMap<string, string> = new Map(Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }));

/** The objects in the body of DeleteObjects. @throws AwsError (400) where there are none, or more than XML can say plainly */
export function deletedObjects(body: Buffer): DeletedObject[] {
  const plain = replaceBetween("<!--", "-->", body.toString(), () => "");
  const xml = replaceBetween("<![CDATA[", "]]>", plain, escaped);
  const objects = objectsIn(xml).flatMap((object) => {
    const Key = elementOf(object, "Key");
    const VersionId = elementOf(object, "VersionId");
    return Key === undefined || Key === "" ? [] : [{ Key, ...(VersionId !== undefined && { VersionId }) }];
  });
  if (objects.length === 0 || objects.length > 1_000 || xml.includes("<!"))
    throw new AwsError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  return objects;
}

/** The body of DeleteObjects that deletes just these. */
export function deletionXml(objects: readonly DeletedObject[], quiet: boolean): string {
  const list = objects.map(({ Key }) => `<Object><Key>${escaped(Key)}</Key></Object>`).join("");
  return `<Delete><Quiet>${quiet}</Quiet>${list}</Delete>`;
}

/** Whether only the keys that could not be deleted are to be answered. */
export function isQuiet(body: Buffer): boolean {
  return /<Quiet>\s*true\s*<\/Quiet>/i.test(body.toString());
}

/*
 * Searched for and not matched: of a body that opens much and closes nothing, a regular expression takes the square.
 */

/** A text with what stands between two marks, and the marks themselves, replaced. */
function replaceBetween(open: string, close: string, text: string, write: (inner: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf(open, from);
    const end = start < 0 ? -1 : text.indexOf(close, start + open.length);
    if (end < 0) return parts.join("") + text.slice(from);
    parts.push(text.slice(from, start), write(text.slice(start + open.length, end)));
    from = end + close.length;
  }
}

/** What stands in each `<Object>`. */
function objectsIn(xml: string): string[] {
  const objects: string[] = [];
  const opening = /<Object(?:\s[^<>]*)?>/g;
  for (let open = opening.exec(xml); open !== null; open = opening.exec(xml)) {
    const end = xml.indexOf("</Object>", opening.lastIndex);
    if (end < 0) break;
    objects.push(xml.slice(opening.lastIndex, end));
    opening.lastIndex = end;
  }
  return objects;
}

function elementOf(xml: string, name: string): string | undefined {
  const open = xml.indexOf(`<${name}>`);
  const start = open + name.length + 2;
  const end = open < 0 ? -1 : xml.indexOf(`</${name}>`, start);
  const text = end < 0 ? undefined : xml.slice(start, end);
  return text?.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (entity, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES.get(name) ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : entity;
  });
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
