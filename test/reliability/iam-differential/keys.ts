/** How the values of a condition key are compared. */
export type KeyType = "string" | "strings" | "number" | "date" | "bool" | "ip" | "arn";

/** A condition key, with values that calls have and values that policies compare them with. */
export interface KeySpec {
  readonly name: string;
  readonly type: KeyType;
  /** Values in calls; none where no call has the key. */
  readonly inCalls: readonly string[];
  /** Further values in policies. */
  readonly inPolicies: readonly string[];
}

const arns = ["arn:aws:sns:us-east-1:000000000000:events", "arn:aws:s3:::papers"];

/** Keys of every service's calls. */
export const globalKeys: readonly KeySpec[] = [
  key("aws:PrincipalTag/team", "string", ["shop"], ["bank", "sh*", "s?op", "Shop", "${aws:PrincipalTag/other, 'shop'}"]),
  key("aws:PrincipalTag/other", "string", [], ["shop"]),
  key("aws:PrincipalArn", "arn", ["arn:aws:iam::000000000000:role/orders"], ["arn:aws:iam::*:role/*", "arn:*:orders"]),
  key("aws:PrincipalAccount", "string", ["000000000000"], ["111111111111", "0*"]),
  key("aws:PrincipalIsAWSService", "bool", ["false"], ["true", "TRUE"]),
  key("aws:PrincipalOrgID", "string", [], ["o-1234567890"]),
  key("aws:MultiFactorAuthPresent", "bool", [], ["true", "false"]),
  key("aws:SecureTransport", "bool", ["true"], ["false", "True", "${aws:PrincipalTag/team}"]),
  key("aws:SourceIp", "ip", ["127.0.0.1"], ["127.0.0.0/8", "203.0.113.0/24", "0.0.0.0/0", "::1", "2001:db8::/32"]),
  key(
    "aws:CurrentTime",
    "date",
    ["2026-11-20T12:00:00Z"],
    ["2026-11-20", "2026-11-20T12:00:01Z", "1795176000", "2027-01-01T00:00:00Z"],
  ),
  key("aws:EpochTime", "number", ["1795176000"], ["1795175999", "1795176000.0", "0"]),
  key("aws:RequestedRegion", "string", ["us-east-1"], ["eu-*", "us-*"]),
  key("aws:SourceArn", "arn", arns, [
    "arn:aws:sns:*:*:*",
    "arn:aws:s3:::*",
    "arn:aws:*",
    "arn:aws:sns:*:${aws:SourceAccount}:events",
  ]),
  key("aws:SourceAccount", "string", ["000000000000"], ["111111111111"]),
];

const tagKeys: readonly KeySpec[] = [
  key("aws:RequestTag/team", "string", ["shop", "bank"], ["${aws:PrincipalTag/team}", "*"]),
  key("aws:TagKeys", "strings", ["team", "stage", "cost"], ["t*", "Team"]),
];

/** What calls do: on which resources, and with which keys besides the global ones. */
export const actions: readonly {
  readonly name: string;
  readonly resources: readonly string[];
  readonly keys: readonly KeySpec[];
}[] = [
  { name: "sqs:SendMessage", resources: queues("orders", "bills"), keys: [] },
  { name: "sqs:ReceiveMessage", resources: queues("orders"), keys: [] },
  { name: "sqs:CreateQueue", resources: queues("orders"), keys: tagKeys },
  { name: "sns:Publish", resources: [arns[0] ?? ""], keys: [] },
  {
    name: "sns:Subscribe",
    resources: [arns[0] ?? ""],
    keys: [
      key("sns:Protocol", "string", ["sqs", "https"], ["s*"]),
      key("sns:Endpoint", "string", ["arn:aws:sqs:us-east-1:000000000000:orders"], ["https://*", "*:orders"]),
    ],
  },
  {
    name: "s3:ListBucket",
    resources: [arns[1] ?? ""],
    keys: [
      key(
        "s3:prefix",
        "string",
        ["shop/", "shop/in/", ""],
        ["shop/*", "${aws:PrincipalTag/team}/*", "${aws:PrincipalTag/other}*"],
      ),
      key("s3:max-keys", "number", ["10", "1000"], ["9", "10.0"]),
    ],
  },
  { name: "s3:GetObject", resources: ["arn:aws:s3:::papers/shop/1", "arn:aws:s3:::papers/orders"], keys: [] },
  {
    name: "s3:PutObject",
    resources: ["arn:aws:s3:::papers/shop/1"],
    keys: [key("s3:x-amz-acl", "string", ["private", "public-read"], ["public-*"])],
  },
  {
    name: "dynamodb:Query",
    resources: ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"],
    keys: [
      key("dynamodb:LeadingKeys", "strings", ["shop", "bank", "orders"], ["${aws:PrincipalTag/team}", "sh*"]),
      key("dynamodb:Attributes", "strings", ["id", "total", "name"], ["*"]),
      key("dynamodb:Select", "string", ["COUNT", "ALL_ATTRIBUTES"], ["*_ATTRIBUTES"]),
    ],
  },
  { name: "lambda:InvokeFunction", resources: ["arn:aws:lambda:us-east-1:000000000000:function:greet"], keys: [] },
];

function key(name: string, type: KeyType, inCalls: readonly string[], inPolicies: readonly string[]): KeySpec {
  return { name, type, inCalls, inPolicies };
}

function queues(...names: string[]): string[] {
  return names.map((name) => `arn:aws:sqs:us-east-1:000000000000:${name}`);
}
