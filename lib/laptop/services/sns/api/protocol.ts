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

/** As SNS refuses an input without what it must have. */
const faults: InputFaults = {
  missing(path) {
    const [, before = "", name] = /^(.*)MessageAttributes\.(.*)\.DataType$/.exec(path) ?? [];
    if (name === undefined) return invalidParameter(`${path} Reason: no value for required parameter`);
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

const query = queryProtocol({ actions: ACTIONS, namespace: "http://sns.amazonaws.com/doc/2010-03-31/", faults });

/** The Query protocol; and the certificate, which anybody may get. */
export function snsProtocol(request: WireRequest): Protocol {
  return request.path.startsWith(OWN_PATH) && request.query === "" ? certificate : query(request);
}

const certificate: Protocol = {
  read: ({ path }) => ({ operation: GET_CERTIFICATE, input: { File: path.slice(OWN_PATH.length) } }),
  answer: (_operation, { Certificate }) => new Answer(200, String(Certificate), { "content-type": "application/x-pem-file" }),
  refuse: ({ message, status }) => new Answer(status, message, { "content-type": "text/plain" }),
};
