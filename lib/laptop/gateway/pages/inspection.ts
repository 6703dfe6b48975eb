import type { IncomingMessage, ServerResponse } from "node:http";
import type { ActivityLog } from "../../shared/activity.ts";
import { AwsError } from "../../shared/aws-error.ts";
import { jsonAnswer, send } from "../send.ts";

const MOST_UNREAD_BYTES = 4 * 1_024 * 1_024;
const ROOT = "/_fanfare/";

/** What a page shows, as JSON. */
export type Page = () => unknown;

/** What the cloud says about itself, under `/_fanfare/`: status, what services show, and activity as it happens. */
export class InspectionPages {
  readonly #pages: Readonly<Record<string, Page>>;
  readonly #activity: ActivityLog;

  /** `pages` by name: `status` for `/_fanfare/status`. */
  constructor(pages: Readonly<Record<string, Page>>, activity: ActivityLog) {
    this.#pages = pages;
    this.#activity = activity;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (request.method !== "GET") throw new AwsError("MethodNotAllowed", "Pages under /_fanfare/ are read by GET.", 405);
    const name = pathname.slice(ROOT.length);
    if (name === "activity") return this.#stream(response, searchParams);
    const page = Object.hasOwn(this.#pages, name) ? this.#pages[name] : undefined;
    if (page) return send(response, jsonAnswer(200, await page()));
    const names = [...Object.keys(this.#pages), "activity"].join(", ");
    throw new AwsError("NotFound", `There is no ${pathname}: ask for ${names} or chaos.`, 404);
  }

  /** One activity a line, from now on; with `since` (epoch milliseconds) also the remembered ones after it; with `follow=false` those alone. */
  #stream(response: ServerResponse, parameters: URLSearchParams): void {
    const since = parameters.get("since");
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.flushHeaders();
    if (since !== null)
      for (const activity of this.#activity.recent(Number(since))) response.write(`${JSON.stringify(activity)}\n`);
    if (parameters.get("follow") === "false") return void response.end();
    const end = this.#activity.subscribe((activity) => {
      response.write(`${JSON.stringify(activity)}\n`);
      // A reader that has stopped reading would otherwise make the cloud hold everything for it.
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
    });
    response.once("close", end);
  }
}
