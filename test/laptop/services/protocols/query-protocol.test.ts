import { expect, test } from "vitest";
import type { WireRequest } from "#lib/laptop/services/call.ts";
import { queryProtocol } from "#lib/laptop/services/protocols/query-protocol.ts";
import {
  type Action,
  boolean,
  flatList,
  flatMap,
  integer,
  list,
  map,
  string,
  structure,
} from "#lib/laptop/services/protocols/shape.ts";
import { AwsError } from "#lib/laptop/shared/aws-error.ts";

const text = string();
const shape = structure({
  "Name!": text,
  Size: integer(1, 10),
  Loud: boolean,
  Keys: list(text),
  Attributes: map(text),
  Entries: list(structure({ "Id!": text, Attributes: map(structure({ DataType: text }), "Name", "Value") })),
  Tags: flatMap("Tag", "Key", "Value", text),
  FlatKeys: flatList("FlatKey", text),
});
const actions = new Map<string, Action>([
  ["Echo", { input: shape, output: shape }],
  ["Forget", { input: structure({}) }],
]);
const protocolOf = queryProtocol({
  actions,
  namespace: "urn:test",
  queryError: ({ code, message }) => ({ code: `Query.${code}`, message }),
});

function request({ query = "", body = "", accept = "*/*" }): WireRequest {
  const headers = { accept };
  return { method: "POST", path: "/", query, headers, body: Buffer.from(body), target: "", signedFor: undefined };
}

function read(body: string, query = "") {
  const wire = request({ body, query });
  return protocolOf(wire).read(wire);
}

const nested = {
  Name: "a",
  Size: 3,
  Loud: true,
  Keys: ["x", "y"],
  Attributes: { colour: "<red>" },
  Entries: [{ Id: "1", Attributes: { size: { DataType: "String" } } }],
  Tags: { team: "blue" },
  FlatKeys: ["f"],
};

test("lists and maps are read as the API spells them: flattened, or under member and entry", () => {
  const form = [
    "Action=Echo&Name=a&Size=3&Loud=true&Keys.member.1=x&Keys.member.2=y",
    "Attributes.entry.1.key=colour&Attributes.entry.1.value=%3Cred%3E",
    "Entries.member.1.Id=1&Entries.member.1.Attributes.entry.1.Name=size&Entries.member.1.Attributes.entry.1.Value.DataType=String",
    "Tag.1.Key=team&Tag.1.Value=blue&FlatKey.1=f",
  ];
  expect(read(form.join("&"))).toEqual({ operation: "Echo", input: nested });
});

test("what is sent empty is there, and empty", () => {
  expect(read("Action=Echo&Name=a&Keys=&Attributes=&Tags=&FlatKeys=").input).toEqual({
    Name: "a",
    Keys: [],
    Attributes: {},
    Tags: {},
    FlatKeys: [],
  });
});

test("a call may stand in the URL's query", () => {
  expect(read("", "Action=Echo&Name=b&X-Amz-Signature=0")).toEqual({ operation: "Echo", input: { Name: "b" } });
});

test.each([
  ["Action=Echo", "MissingParameter", "The request must contain the parameter Name."],
  [
    "Action=Echo&Name=a&Entries.member.1.Attributes=",
    "MissingParameter",
    "The request must contain the parameter Entries.1.Id.",
  ],
  [
    "Action=Echo&Name=a&Size=many",
    "InvalidParameterValue",
    "Value many for parameter Size is invalid. Reason: Must be an integer.",
  ],
  [
    "Action=Echo&Name=a&Size=11",
    "InvalidParameterValue",
    "Value 11 for parameter Size is invalid. Reason: Must be between 1 and 10.",
  ],
  ["Action=Dance", "InvalidAction", "The action Dance is not valid for this endpoint."],
])("%s is refused", (form, code, message) => {
  expect(() => read(form)).toThrow(expect.objectContaining({ code, message }));
});

test("answers are XML with a request id, lists and maps spelled as in requests", () => {
  const { body, headers } = protocolOf(request({})).answer("Echo", nested);
  expect(headers["content-type"]).toBe("text/xml");
  expect(String(body).replace(/<ResponseMetadata>.*<\/ResponseMetadata>/, "")).toBe(
    '<?xml version="1.0"?><EchoResponse xmlns="urn:test"><EchoResult><Name>a</Name><Size>3</Size><Loud>true</Loud>' +
      "<Keys><member>x</member><member>y</member></Keys>" +
      "<Attributes><entry><key>colour</key><value>&lt;red&gt;</value></entry></Attributes>" +
      "<Entries><member><Id>1</Id><Attributes><entry><Name>size</Name><Value><DataType>String</DataType></Value></entry></Attributes>" +
      "</member></Entries><Tag><Key>team</Key><Value>blue</Value></Tag><FlatKey>f</FlatKey></EchoResult></EchoResponse>",
  );
  expect(String(body)).toMatch(/<ResponseMetadata><RequestId>[\da-f-]{36}<\/RequestId>/);
  expect(String(protocolOf(request({})).answer("Forget", {}).body)).not.toContain("Result");
});

test("JSON is answered where nothing else is accepted, its maps as lists of entries", () => {
  const protocol = protocolOf(request({ accept: "application/json" }));
  expect(JSON.parse(String(protocol.answer("Echo", { Tags: { team: "blue" } }).body))).toMatchObject({
    EchoResponse: { EchoResult: { Tags: [{ Key: "team", Value: "blue" }] } },
  });
  expect(JSON.parse(String(protocol.refuse(new AwsError("Odd", "It is odd.")).body))).toMatchObject({
    Error: { Type: "Sender", Code: "Query.Odd", Message: "It is odd." },
  });
});

test("a refusal names its code as this protocol does", () => {
  const { status, body } = protocolOf(request({})).refuse(new AwsError("Odd", "1 < 2", 409));
  expect(status).toBe(409);
  expect(String(body)).toContain("<Type>Sender</Type><Code>Query.Odd</Code><Message>1 &lt; 2</Message>");
});

test("a request without an action is an unknown operation", () => {
  const wire = request({ accept: "application/json" });
  expect(() => protocolOf(wire).read(wire)).toThrow(
    expect.objectContaining({ code: "UnknownOperationException", status: 404 }),
  );
  expect(protocolOf(wire).refuse(new AwsError("UnknownOperationException", "", 404)).body).toBe("<UnknownOperationException/>");
});
