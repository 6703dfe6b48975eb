import type { IncomingMessage, ServerResponse } from "node:http";
import type { ActivityLog } from "../shared/activity.ts";
import { AwsError } from "../shared/aws-error.ts";
import { sendJson } from "./http.ts";
import type { Mailbox } from "../services/ses/ses.ts";

const MOST_UNREAD_BYTES = 4 * 1_024 * 1_024;

/** What the cloud says about itself, under `/_fanfare/`: status, mailbox, and activity as it happens. */
export class InspectionPages {
  readonly #status: () => Promise<unknown>;
  readonly #mailbox: Mailbox;
  readonly #activity: ActivityLog;

  constructor(parts: { status: () => Promise<unknown>; mailbox: Mailbox; activity: ActivityLog }) {
    this.#status = parts.status;
    this.#mailbox = parts.mailbox;
    this.#activity = parts.activity;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (request.method !== "GET") throw new AwsError("MethodNotAllowed", "Pages under /_fanfare/ are read by GET.", 405);
    switch (url.pathname) {
      case "/_fanfare/status":
        return sendJson(response, 200, await this.#status());
      case "/_fanfare/mailbox":
        return sendJson(response, 200, this.#mailbox.emails);
      case "/_fanfare/activity":
        return this.#stream(response, url.searchParams.get("since"));
      default:
        throw new AwsError("NotFound", `There is no ${url.pathname}: ask for status, mailbox, activity or chaos.`, 404);
    }
  }

  /** One activity a line, from now on; with `since` (epoch milliseconds) also the remembered ones after it. */
  #stream(response: ServerResponse, since: string | null): void {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.flushHeaders();
    if (since !== null)
      for (const activity of this.#activity.recent(Number(since))) response.write(`${JSON.stringify(activity)}\n`);
    const end = this.#activity.subscribe((activity) => {
      response.write(`${JSON.stringify(activity)}\n`);
      // A reader that has stopped reading would otherwise make the cloud hold everything for it.
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
    });
    response.once("close", end);
  }
}
