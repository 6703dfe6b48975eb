import { arn } from "../../shared/account.ts";
import { isRecord, textOf } from "../../shared/json.ts";
import { keys, type Access } from "../../iam/access.ts";
import type { Call } from "../call.ts";

/**
 * SES v2's SendEmail. On AWS it is allowed on the identity that is verified, which may be the address, its domain, or one above
 * it. Nothing is verified here, so any of these will do. A raw message asks for SendRawEmail in version 2 of the API too.
 */
export function sesAccess({ input }: Call): Access[] {
  const content = isRecord(input["Content"]) ? input["Content"] : {};
  const from = addressOf(textOf(input["FromEmailAddress"]) ?? "");
  const context = keys({ "ses:fromaddress": from, "ses:recipients": recipients(input["Destination"]) });
  const resources = [from, ...domainsOf(from)].map((identity) => arn("ses", `identity/${identity}`));
  const [first = "*", ...others] = resources;
  return [{ action: isRecord(content["Raw"]) ? "ses:SendRawEmail" : "ses:SendEmail", resources: [first, ...others], context }];
}

/** `Shop <orders@shop.example>` is the address in it. */
function addressOf(sender: string): string {
  return /<([^>]*)>/.exec(sender)?.[1] ?? sender;
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
