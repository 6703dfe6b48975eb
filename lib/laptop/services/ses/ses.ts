import { randomUUID } from "node:crypto";
import { AwsError } from "../../shared/aws-error.ts";
import type { Access } from "../../iam/access.ts";
import { nameOf, type Refused } from "../../iam/refusal.ts";
import type { Call } from "../call.ts";
import { parseObject } from "../protocols/json-protocol.ts";
import { restJsonProtocol } from "../protocols/rest-json-protocol.ts";
import type { Output, Service } from "../service.ts";
import { sesAccess } from "./accesses.ts";
import { isRecord } from "../../shared/json.ts";

/** SES takes messages up to 40 MB; a laptop's mailbox is for reading. */
const BODY_LIMIT = 2 * 1_024 * 1_024;
/** The oldest e-mails beyond this are let go, so that a long run does not grow. */
const MOST_EMAILS = 10_000;

/** An e-mail that a function has sent. */
export interface Email {
  readonly messageId: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  /** The message as it was sent, where it was sent raw. */
  readonly raw?: string;
}

/** SES v2's SendEmail, which delivers into this mailbox and nowhere else. */
export class SesService implements Service {
  readonly name = "ses";
  readonly address = { paths: /^\/v2\/email\// };
  readonly bodyLimit = BODY_LIMIT;
  readonly resources = {};
  readonly pages = { mailbox: () => this.emails };
  readonly #emails: Email[] = [];
  #sent = 0;

  /** The last 10,000 e-mails at the most, oldest first. */
  get emails(): readonly Email[] {
    return this.#emails;
  }

  /** How many have been sent since the cloud started. */
  get sent(): number {
    return this.#sent;
  }

  protocol(): typeof PROTOCOL {
    return PROTOCOL;
  }

  handle({ input }: Call): Output {
    const email = parseEmail(input);
    refuseUndeliverable([...email.to, ...email.cc, ...email.bcc]);
    this.#sent++;
    this.#emails.push(email);
    if (this.#emails.length > MOST_EMAILS) this.#emails.shift();
    return { MessageId: email.messageId };
  }

  accesses(call: Call): readonly Access[] {
    return sesAccess(call);
  }

  accessDenied(refused: Refused): AwsError {
    const { principal, action, resource } = refused;
    return new AwsError(
      "AccessDeniedException",
      `User \`${nameOf(principal)}' is not authorized to perform \`${action}' on resource \`${resource}'`,
      403,
    );
  }

  throttled(message: string): AwsError {
    return new AwsError("TooManyRequestsException", message, 429);
  }

  status(): { emails: number } {
    return { emails: this.#sent };
  }
}

const PROTOCOL = restJsonProtocol(({ method, path, body }) => {
  if (method === "POST" && path === "/v2/email/outbound-emails") return { operation: "SendEmail", input: parseObject(body) };
  throw new AwsError("UnknownOperationException", `The laptop cloud's SES has SendEmail alone, not ${method} ${path}.`);
});

/** Two kinds of address are refused, so that failure can be tried: SES's own bounce simulator, and any `reject@...`. */
function refuseUndeliverable(recipients: readonly string[]): void {
  // Which one is not told: a function that logs the error would log a person's address.
  if (recipients.some((address) => /(^|<)(bounce@simulator\.amazonses\.com|reject@[^<>]*)>?$/i.test(address.trim())))
    throw new AwsError("MessageRejected", "A recipient's address is one that the local mailbox refuses.");
}

function parseEmail(input: Call["input"]): Email {
  const destination = record(input["Destination"]);
  const content = record(input["Content"]);
  const envelope = {
    messageId: randomUUID(),
    time: Date.now(),
    to: addresses(destination["ToAddresses"]),
    cc: addresses(destination["CcAddresses"]),
    bcc: addresses(destination["BccAddresses"]),
  };
  const from = typeof input["FromEmailAddress"] === "string" ? input["FromEmailAddress"] : undefined;
  if (isRecord(content["Raw"])) return rawEmail(envelope, from, content["Raw"]["Data"]);
  const simple = content["Simple"];
  if (!isRecord(simple))
    throw new AwsError("BadRequestException", "Content has neither Simple nor Raw; templates do not run here.");
  if (from === undefined) throw new AwsError("BadRequestException", "FromEmailAddress is missing.");
  const body = record(simple["Body"]);
  const text = data(body["Text"]);
  const html = data(body["Html"]);
  return {
    ...envelope,
    from,
    subject: data(simple["Subject"]) ?? "",
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
  };
}

type Envelope = Pick<Email, "messageId" | "time" | "to" | "cc" | "bcc">;

function rawEmail(envelope: Envelope, from: string | undefined, encoded: unknown): Email {
  if (typeof encoded !== "string") throw new AwsError("BadRequestException", "Content.Raw.Data is missing.");
  const raw = Buffer.from(encoded, "base64").toString();
  const header = (name: string) =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(raw.split(/\r?\n\r?\n/)[0] ?? "")?.[1]?.trim();
  const to =
    envelope.to.length > 0
      ? envelope.to
      : (header("To")
          ?.split(",")
          .map((address) => address.trim()) ?? []);
  return { ...envelope, to, from: from ?? header("From") ?? "", subject: header("Subject") ?? "", raw };
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function data(part: unknown): string | undefined {
  return isRecord(part) && typeof part["Data"] === "string" ? part["Data"] : undefined;
}

function addresses(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((address) => typeof address === "string") : [];
}
