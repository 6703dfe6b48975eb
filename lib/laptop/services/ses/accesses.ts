import { arn } from "../../shared/account.ts";
import { isRecord, textOf } from "../../shared/json.ts";
import { keys, type Access } from "../../iam/access.ts";
import type { Call } from "../call.ts";

/**
 * SES v2's SendEmail. On AWS it is allowed on the identity that is verified, which may be the address, its domain, or one above
 * it. Nothing is verified here, so any of these will do. A raw message asks for SendRawEmail in version 2 of the API too.
 */
export function sesAccess({ input }: Pick<Call, "input">): Access[] {
  const content = isRecord(input["Content"]) ? input["Content"] : {};
  const raw = isRecord(content["Raw"]) ? (textOf(content["Raw"]["Data"]) ?? "") : undefined;
  const sender = textOf(input["FromEmailAddress"]) ?? senderOf(raw);
  const from = addressOf(sender);
  const context = keys({
    "ses:apiversion": "2",
    "ses:feedbackaddress": textOf(input["FeedbackForwardingEmailAddress"]),
    "ses:fromaddress": from,
    "ses:fromdisplayname": displayNameOf(sender),
    // Those of a raw message may stand in the message alone.
    ...((raw === undefined || isRecord(input["Destination"])) && { "ses:recipients": recipients(input["Destination"]) }),
    "aws:tagkeys": [],
  });
  const action = raw === undefined ? "ses:SendEmail" : "ses:SendRawEmail";
  const identity = textOf(input["FromEmailAddressIdentityArn"]);
  if (identity !== undefined) return [{ action, resources: [identity], context }];
  const resources = [from, ...domainsOf(from)].map((it) => arn("ses", `identity/${it}`));
  const [first = "*", ...others] = resources;
  return [{ action, resources: [first, ...others], context }];
}

/** The sender in the head of a raw message, which is Base64. */
function senderOf(raw = ""): string {
  const head =
    Buffer.from(raw, "base64")
      .toString()
      .split(/\r?\n\r?\n/, 1)[0] ?? "";
  return /^from:[ \t]*(.*)$/im.exec(head)?.[1]?.trim() ?? "";
}

/** The name before the address, without its quotes; undefined where there is none. */
function displayNameOf(sender: string): string | undefined {
  const end = sender.indexOf("<");
  const name = sender.slice(0, Math.max(end, 0)).trim().replace(/^"/, "").replace(/"$/, "");
  return end === -1 || name.includes('"') ? undefined : name;
}

/** The address of `Shop <orders@shop.example>`: what stands last, for the name before it may hold anything. */
function addressOf(sender: string): string {
  return /<([^<>]*)>\s*$/.exec(sender)?.[1] ?? sender;
}

/** `shop.example` and `example` of `orders@shop.example`. */
function domainsOf(address: string): string[] {
  const labels = address.slice(address.lastIndexOf("@") + 1).split(".");
  return labels.map((_, index) => labels.slice(index).join("."));
}

function recipients(destination: unknown): string[] {
  if (!isRecord(destination)) return [];
  const { ToAddresses: to, CcAddresses: cc, BccAddresses: bcc } = destination;
  return [to, cc, bcc].flatMap((list) => (Array.isArray(list) ? list.filter((it) => typeof it === "string") : []));
}
