import type { WireRequest } from "../../call.ts";
import { jsonProtocol } from "../../protocols/json-protocol.ts";
import { invalidAction, queryProtocol } from "../../protocols/query-protocol.ts";
import type { Form } from "../../protocols/read-form.ts";
import type { Protocol } from "../../service.ts";
import { errorType, queryError } from "./refusals.ts";
import { ACTIONS } from "./shapes.ts";

/** What a queue's own URL does not take, for it asks nothing of that queue. */
const NOT_OF_A_QUEUE: ReadonlySet<string> = new Set(["CreateQueue", "ListQueues"]);

const json = jsonProtocol({ version: "1.0", targetPrefix: "AmazonSQS.", actions: ACTIONS, errorType, queryError });

const query = queryProtocol({
  actions: ACTIONS,
  namespace: "http://queue.amazonaws.com/doc/2012-11-05/",
  complete: nameQueue,
  queryError,
  errorDetail: true,
});

/** SQS speaks JSON, and the Query protocol as before 2023. */
export function sqsProtocol(request: WireRequest): Protocol {
  return request.target === "" ? query(request) : json;
}

/** A request to a queue's own URL need not name the queue again. */
function nameQueue(form: Form, { path, headers }: WireRequest): void {
  if (path === "/" || path === "") return;
  const action = form.get("Action") ?? "";
  if (NOT_OF_A_QUEUE.has(action)) throw invalidAction(action);
  if (!form.has("QueueUrl")) form.set("QueueUrl", `http://${headers.host ?? "localhost"}${path}`);
}
