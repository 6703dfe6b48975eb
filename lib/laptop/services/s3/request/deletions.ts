import { AwsError } from "../../../shared/aws-error.ts";

/** An object that DeleteObjects deletes. */
export interface DeletedObject {
  readonly Key: string;
  readonly VersionId?: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The objects in the body of DeleteObjects. @throws AwsError (400) where there are none, or more than XML can say plainly */
export function deletedObjects(body: Buffer): DeletedObject[] {
  const xml = body
    .toString()
    .replaceAll(/<!--.*?-->/gs, "")
    .replaceAll(/<!\[CDATA\[(.*?)\]\]>/gs, (_, text: string) => escaped(text));
  const objects = [...xml.matchAll(/<Object\b[^>]*>(.*?)<\/Object>/gs)].flatMap(([, object = ""]) => {
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

function elementOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(xml)?.[1];
  return text?.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (entity, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : entity;
  });
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
