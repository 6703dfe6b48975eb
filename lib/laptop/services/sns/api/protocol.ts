import { AwsError } from "../../../shared/aws-error.ts";
import { Answer, type WireRequest } from "../../call.ts";
import { queryProtocol } from "../../protocols/query-protocol.ts";
import type { InputFaults } from "../../protocols/read-input.ts";
import type { Protocol } from "../../service.ts";
import { OWN_PATH } from "../delivery/addresses.ts";
import { invalidParameter } from "../refusals.ts";
import { ACTIONS } from "./shapes.ts";

/** The operation of a request for the certificate, which is none of the API's. */
export const GET_CERTIFICATE = "GetCertificate";

const ATTRIBUTES = "MessageAttributes.";
const TYPE = ".DataType";

/** As SNS refuses an input without what it must have. */
const faults: InputFaults = {
  missing(path) {
    const start = path.lastIndexOf(ATTRIBUTES);
    if (start === -1 || !path.endsWith(TYPE)) return invalidParameter(`${path} Reason: no value for required parameter`);
    const before = path.slice(0, start);
    const name = path.slice(start + ATTRIBUTES.length, -TYPE.length);
    const [, number] = /^PublishBatchRequestEntries\.(\d+)\.$/.exec(before) ?? [];
    const entry = number === undefined ? "" : `publishBatchRequestEntries.${number}.member.`;
    const member = `${entry}messageAttributes.${name}.member.dataType`;
    return new AwsError(
      "ValidationError",
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  },
  invalid: (path) => invalidParameter(path),
};

/** What the URLs in SNS's messages do, which nobody signs. */
const BY_URL = new Map([...ACTIONS].filter(([name]) => name === "ConfirmSubscription" || name === "Unsubscribe"));

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
const query = queryProtocol({ actions: ACTIONS, namespace, faults });
const queryByUrl = queryProtocol({ actions: BY_URL, namespace, faults });

/** The Query protocol; for the URLs in SNS's messages, as much of it as they need, and the certificate. */
export function snsProtocol(request: WireRequest): Protocol {
  if (!request.path.startsWith(OWN_PATH)) return query(request);
  return request.query === "" ? certificate : queryByUrl(request);
}

const certificate: Protocol = {
  read: ({ path }) => ({ operation: GET_CERTIFICATE, input: { File: path.slice(OWN_PATH.length) } }),
  answer: (_operation, { Certificate }) => new Answer(200, String(Certificate), { "content-type": "application/x-pem-file" }),
  refuse: ({ message, status }) => new Answer(status, message, { "content-type": "text/plain" }),
};
