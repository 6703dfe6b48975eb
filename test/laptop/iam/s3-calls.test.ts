import { expect, test } from "vitest";
import { access } from "#lib/laptop/iam/access.ts";
import { accessesOf } from "./accesses-of.ts";

/*
 * Which action on which resource a call of S3 needs: S3 user guide, "Required permissions for Amazon S3 API operations", and the service
 * authorization reference's page of S3.
 */

const HOST = { host: "127.0.0.1:4566" };
const BUCKET = "arn:aws:s3:::shop";

function accesses(method: string, url: string, headers: Record<string, string> = {}, body = "") {
  return accessesOf("s3", { method, url, headers: { ...HOST, ...headers }, operation: "", body });
}

/** The accesses of a call, as `action resource`. */
function needed(...call: Parameters<typeof accesses>): string[] {
  return accesses(...call).map(({ action, resources }) => [action, ...resources].join(" "));
}

test.for([
  ["GET", "/", "s3:ListAllMyBuckets *"],
  ["GET", "/shop/a/b%20c", `s3:GetObject ${BUCKET}/a/b c`],
  ["GET", "/shop/a%2Fb", `s3:GetObject ${BUCKET}/a/b`],
  ["GET", "/shop//a", `s3:GetObject ${BUCKET}//a`],
  ["HEAD", "/shop/a", `s3:GetObject ${BUCKET}/a`],
  ["PUT", "/shop/a?x-id=PutObject", `s3:PutObject ${BUCKET}/a`],
  ["PUT", "/shop/a?partNumber=1&uploadId=7", `s3:PutObject ${BUCKET}/a`],
  ["POST", "/shop/a?uploads", `s3:PutObject ${BUCKET}/a`],
  ["POST", "/shop/a?uploadId=7", `s3:PutObject ${BUCKET}/a`],
  ["GET", "/shop/a?uploadId=7", `s3:ListMultipartUploadParts ${BUCKET}/a`],
  ["DELETE", "/shop/a?uploadId=7", `s3:AbortMultipartUpload ${BUCKET}/a`],
  ["DELETE", "/shop/a?uploadId=", `s3:DeleteObject ${BUCKET}/a`],
  ["DELETE", "/shop/a", `s3:DeleteObject ${BUCKET}/a`],
  ["DELETE", "/shop/a?versionId=7", `s3:DeleteObjectVersion ${BUCKET}/a`],
  ["GET", "/shop/a?versionId=7", `s3:GetObjectVersion ${BUCKET}/a`],
  ["HEAD", "/shop/a?versionId=7", `s3:GetObjectVersion ${BUCKET}/a`],
  ["GET", "/shop/a?tagging", `s3:GetObjectTagging ${BUCKET}/a`],
  ["PUT", "/shop/a?tagging&versionId=7", `s3:PutObjectVersionTagging ${BUCKET}/a`],
  ["DELETE", "/shop/a?tagging", `s3:DeleteObjectTagging ${BUCKET}/a`],
  ["GET", "/shop/a?acl", `s3:GetObjectAcl ${BUCKET}/a`],
  ["PUT", "/shop/a?acl&versionId=7", `s3:PutObjectVersionAcl ${BUCKET}/a`],
  ["GET", "/shop/a?retention&versionId=7", `s3:GetObjectRetention ${BUCKET}/a`],
  ["PUT", "/shop/a?legal-hold", `s3:PutObjectLegalHold ${BUCKET}/a`],
  ["GET", "/shop/a?torrent", `s3:GetObjectTorrent ${BUCKET}/a`],
  ["POST", "/shop/a?restore", `s3:RestoreObject ${BUCKET}/a`],
  ["POST", "/shop/a?select&select-type=2", `s3:GetObject ${BUCKET}/a`],
  ["GET", "/shop?list-type=2&prefix=a", `s3:ListBucket ${BUCKET}`],
  ["GET", "/shop/?versions", `s3:ListBucketVersions ${BUCKET}`],
  ["GET", "/shop?uploads", `s3:ListBucketMultipartUploads ${BUCKET}`],
  ["HEAD", "/shop", `s3:ListBucket ${BUCKET}`],
  ["PUT", "/shop", `s3:CreateBucket ${BUCKET}`],
  ["DELETE", "/shop", `s3:DeleteBucket ${BUCKET}`],
  ["GET", "/shop?policy", `s3:GetBucketPolicy ${BUCKET}`],
  ["PUT", "/shop?policy", `s3:PutBucketPolicy ${BUCKET}`],
  ["DELETE", "/shop?policy", `s3:DeleteBucketPolicy ${BUCKET}`],
  ["GET", "/shop?policyStatus", `s3:GetBucketPolicyStatus ${BUCKET}`],
  ["DELETE", "/shop?website", `s3:DeleteBucketWebsite ${BUCKET}`],
  ["PUT", "/shop?acl", `s3:PutBucketAcl ${BUCKET}`],
  ["DELETE", "/shop?lifecycle", `s3:PutLifecycleConfiguration ${BUCKET}`],
  ["DELETE", "/shop?tagging", `s3:PutBucketTagging ${BUCKET}`],
  ["DELETE", "/shop?cors", `s3:PutBucketCORS ${BUCKET}`],
  ["GET", "/shop?versioning", `s3:GetBucketVersioning ${BUCKET}`],
  ["PUT", "/shop?encryption", `s3:PutEncryptionConfiguration ${BUCKET}`],
  ["GET", "/shop?notification", `s3:GetBucketNotification ${BUCKET}`],
  ["GET", "/shop?location", `s3:GetBucketLocation ${BUCKET}`],
  ["PUT", "/shop?object-lock", `s3:PutBucketObjectLockConfiguration ${BUCKET}`],
  ["PUT", "/shop?publicAccessBlock", `s3:PutBucketPublicAccessBlock ${BUCKET}`],
  ["PUT", "/shop?ownershipControls", `s3:PutBucketOwnershipControls ${BUCKET}`],
  ["PUT", "/shop?replication", `s3:PutReplicationConfiguration ${BUCKET}`],
  ["PUT", "/shop?logging", `s3:PutBucketLogging ${BUCKET}`],
  ["PUT", "/shop?requestPayment", `s3:PutBucketRequestPayment ${BUCKET}`],
  ["PUT", "/shop?accelerate", `s3:PutAccelerateConfiguration ${BUCKET}`],
  ["GET", "/shop?analytics&id=1", `s3:GetAnalyticsConfiguration ${BUCKET}`],
  ["DELETE", "/shop?metrics&id=1", `s3:PutMetricsConfiguration ${BUCKET}`],
  ["PUT", "/shop?inventory&id=1", `s3:PutInventoryConfiguration ${BUCKET}`],
] as const)("%s %s", ([method, url, expected]) => {
  expect(needed(method, url)).toEqual([expected]);
});

test.for([
  ["shop.s3.localhost:4566", `${BUCKET}/a`],
  ["shop.localhost:4566", `${BUCKET}/a`],
  ["shop.s3.us-east-1.amazonaws.com", `${BUCKET}/a`],
  ["my.shop.s3.localhost", "arn:aws:s3:::my.shop/a"],
] as const)("the bucket in the host %s", ([host, object]) => {
  expect(needed("GET", "/a", { host })).toEqual([`s3:GetObject ${object}`]);
});

test.for([
  ["s3.localhost:4566", "arn:aws:s3:::a/b"],
  ["s3.us-east-1.amazonaws.com", "arn:aws:s3:::a/b"],
  ["gateway.example:4566", "arn:aws:s3:::a/b"],
] as const)("no bucket in the host %s", ([host, object]) => {
  expect(needed("GET", "/a/b", { host })).toEqual([`s3:GetObject ${object}`]);
});

test.for([
  ["PUT", "/shop/a", { "x-amz-tagging": "team=shop" }, ["PutObject", "PutObjectTagging"]],
  ["PUT", "/shop/a", { "x-amz-acl": "private" }, ["PutObject", "PutObjectAcl"]],
  ["PUT", "/shop/a", { "x-amz-grant-read": "id=1" }, ["PutObject", "PutObjectAcl"]],
  ["PUT", "/shop/a", { "x-amz-object-lock-mode": "GOVERNANCE" }, ["PutObject", "PutObjectRetention"]],
  ["PUT", "/shop/a", { "x-amz-object-lock-legal-hold": "ON" }, ["PutObject", "PutObjectLegalHold"]],
  ["POST", "/shop/a?uploads", { "x-amz-tagging": "team=shop" }, ["PutObject", "PutObjectTagging"]],
  ["GET", "/shop/a?attributes", {}, ["GetObjectAttributes", "GetObject"]],
  ["GET", "/shop/a?attributes&versionId=7", {}, ["GetObjectVersionAttributes", "GetObjectVersion"]],
  ["DELETE", "/shop/a", { "x-amz-bypass-governance-retention": "true" }, ["DeleteObject", "BypassGovernanceRetention"]],
  [
    "PUT",
    "/shop/a?retention",
    { "x-amz-bypass-governance-retention": "true" },
    ["PutObjectRetention", "BypassGovernanceRetention"],
  ],
] as const)("%s %s with %j asks for more than one action", ([method, url, headers, expected]) => {
  expect(needed(method, url, headers)).toEqual(expected.map((it) => `s3:${it} ${BUCKET}/a`));
});

test.for([
  [{ "x-amz-acl": "private" }, ["PutBucketAcl"]],
  [{ "x-amz-bucket-object-lock-enabled": "true" }, ["PutBucketObjectLockConfiguration", "PutBucketVersioning"]],
  [{ "x-amz-object-ownership": "ObjectWriter" }, ["PutBucketOwnershipControls"]],
] as const)("a bucket that is created with %j", ([headers, expected]) => {
  expect(needed("PUT", "/shop", headers)).toEqual(["CreateBucket", ...expected].map((it) => `s3:${it} ${BUCKET}`));
});

test.for([
  ["/other/a%2Fb", "s3:GetObject arn:aws:s3:::other/a/b"],
  ["other/a?versionId=7", "s3:GetObjectVersion arn:aws:s3:::other/a"],
] as const)("a copy reads its source %s", ([source, expected]) => {
  expect(needed("PUT", "/shop/b", { "x-amz-copy-source": source })).toEqual([`s3:PutObject ${BUCKET}/b`, expected]);
  expect(needed("PUT", "/shop/b?uploadId=7&partNumber=1", { "x-amz-copy-source": source })[1]).toBe(expected);
});

test("an object that is renamed is read and deleted under its old name", () => {
  expect(needed("PUT", "/shop/b?renameObject", { "x-amz-rename-source": "/a%20c" })).toEqual([
    `s3:PutObject ${BUCKET}/b`,
    `s3:GetObject ${BUCKET}/a c`,
    `s3:DeleteObject ${BUCKET}/a c`,
  ]);
});

test("objects that are deleted together are allowed one by one, by the keys that their XML stands for", () => {
  const keys = ["a", "b &amp; c", "&#100;&#x65;", "<![CDATA[f<g]]>", "\n h<!-- no --> "];
  const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("");
  const body = `<Delete>${objects}<Object><VersionId>7</VersionId><Key>i</Key></Object></Delete>`;
  const expected = ["a", "b & c", "de", "f<g", "\n h "].map((key) => `s3:DeleteObject ${BUCKET}/${key}`);
  expect(needed("POST", "/shop?delete", {}, body)).toEqual([...expected, `s3:DeleteObjectVersion ${BUCKET}/i`]);
});

function form(...fields: readonly (readonly [name: string, value: string])[]): string {
  const parts = fields.map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const file = '--x\r\nContent-Disposition: form-data; name="file"; filename="C:\\in\\cat.png"\r\n\r\n\r\n--x--\r\n';
  return `${parts.join("")}${file}`;
}

test("a form uploads under the key in it", () => {
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  expect(needed("POST", "/shop", headers, form(["Key", "in/${filename}"], ["acl", "private"]))).toEqual([
    `s3:PutObject ${BUCKET}/in/cat.png`,
    `s3:PutObjectAcl ${BUCKET}/in/cat.png`,
  ]);
});

test.for([
  ["GET", "/shop/../bank/a", "InvalidURI"],
  ["GET", "/shop/%2e%2E/bank/a", "InvalidURI"],
  ["GET", "/shop/./a", "InvalidURI"],
  ["GET", "/shop/in%2F..%2F../bank", "InvalidURI"],
  ["GET", "/shop/%zz", "InvalidURI"],
  ["POST", "/shop?delete", "MalformedXML"],
  ["PUT", "/shop/a?renameObject", "InvalidArgument"],
] as const)("%s %s is not read: %s", ([method, url, code]) => {
  expect(() => accesses(method, url)).toThrow(expect.objectContaining({ code }));
});

test.for([
  ["POST", "/shop"],
  ["POST", "/shop/a"],
  ["PATCH", "/shop/a"],
  ["PUT", "/"],
  ["POST", "/shop?policy"],
] as const)("%s %s is no call of S3: nothing is derived from it", ([method, url]) => {
  expect(needed(method, url)).toEqual([]);
});

test.for([
  ["GET", "/shop?prefix=in/&delimiter=/&max-keys=7", {}, { "s3:prefix": ["in/"], "s3:delimiter": ["/"], "s3:max-keys": ["7"] }],
  ["GET", "/shop", {}, { "s3:prefix": [], "s3:max-keys": [], "s3:versionid": [] }],
  ["GET", "/shop/a?prefix=in/&versionId=7", {}, { "s3:prefix": [], "s3:versionid": ["7"] }],
  ["PUT", "/shop/a", { "x-amz-acl": "private" }, { "s3:x-amz-acl": ["private"], "s3:x-amz-copy-source": [] }],
  ["PUT", "/shop/a", { "x-amz-copy-source": "/bank/a b" }, { "s3:x-amz-copy-source": ["bank/a%20b"] }],
  [
    "PUT",
    "/shop/a",
    { "x-amz-tagging": "Team=shop&stage=test" },
    {
      "s3:requestobjecttag/team": ["shop"],
      "s3:requestobjecttag/cost": [],
      "s3:requestobjecttagkeys": ["Team", "stage"],
      "s3:existingobjecttag/team": [],
    },
  ],
  ["GET", "/shop/a", { authorization: "AWS4-HMAC-SHA256 x" }, { "s3:authtype": ["REST-HEADER"], "s3:tlsversion": ["1.3"] }],
  ["GET", "/shop/a?X-Amz-Signature=x", {}, { "s3:authtype": ["REST-QUERY-STRING"] }],
  ["GET", "/shop/a", { referer: "https://shop.example" }, { "aws:referer": ["https://shop.example"] }],
  ["GET", "/shop/a", {}, { "s3:signatureage": undefined }],
] as const)("condition keys of %s %s with %j", ([method, url, headers, expected]) => {
  const [{ context } = access("", "")] = accesses(method, url, headers);
  expect(Object.fromEntries(Object.keys(expected).map((key) => [key, context?.(key)]))).toEqual(expected);
});

test.for(["<Object>", "<Object", "<!--", "<![CDATA[", "<Object><Key>a</Key>", "<Object><Key>"])(
  "a megabyte of %s deletes nothing, and is refused at once",
  (opened) => {
    const body = opened.repeat(1_000_000 / opened.length);
    expect(() => needed("POST", "/shop?delete", {}, body)).toThrow("not well-formed");
  },
);
