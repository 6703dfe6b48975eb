import { expect, test } from "vitest";
import { signedHeaders } from "#lib/runtime/lambda/signature.ts";

/** The account, scope and time of AWS's own examples of Signature Version 4. */
const example = { service: "service", region: "us-east-1", body: "", time: new Date("2015-08-30T12:36:00Z") };
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

test("a POST is signed as AWS's test suite of Signature Version 4 signs it (post-vanilla)", () => {
  const headers = signedHeaders({ ...example, headers: { host: "example.amazonaws.com" } }, credentials);
  expect(headers).toEqual({
    host: "example.amazonaws.com",
    "x-amz-date": "20150830T123600Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
      "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  });
});

test("a session's token is signed too", () => {
  const headers = signedHeaders({ ...example, headers: { host: "h" } }, { ...credentials, sessionToken: "token" });
  expect(headers["x-amz-security-token"]).toBe("token");
  expect(headers["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token,");
});
