/** What the room of an AWS service may import. Services meet through the interface room alone. */
const SERVICE = [
  "lib/laptop/cloudformation",
  "lib/laptop/iam",
  "lib/laptop/services",
  "lib/laptop/services/protocols",
  "lib/laptop/shared",
];

/**
 * The rooms of the repository, and which others each may import; itself it may always. A room is the folder of its name, less the rooms
 * below it. `functions/*` stands for each folder there. `<room>/**` allows the rooms below as well.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "lib/contracts": [],
  "lib/contracts/documents": ["lib/contracts"],
  "lib/runtime": ["lib/contracts", "lib/runtime/**"],
  "lib/runtime/batch": [
    "lib/contracts",
    "lib/runtime",
    "lib/runtime/attempts",
    "lib/runtime/record",
    "lib/runtime/table",
    "lib/runtime/publish",
    "lib/runtime/lambda",
  ],
  "lib/runtime/attempts": ["lib/contracts", "lib/runtime"],
  "lib/runtime/record": [
    "lib/contracts",
    "lib/runtime",
    "lib/runtime/attempts",
    "lib/runtime/unit",
    "lib/runtime/table",
    "lib/runtime/inbox",
    "lib/runtime/publish",
    "lib/runtime/lambda",
    "lib/runtime/telemetry",
  ],
  "lib/runtime/unit": [
    "lib/contracts",
    "lib/runtime",
    "lib/runtime/inbox",
    "lib/runtime/table",
    "lib/runtime/publish",
    "lib/runtime/lambda",
  ],
  "lib/runtime/inbox": ["lib/contracts", "lib/runtime", "lib/runtime/table", "lib/runtime/publish", "lib/runtime/lambda"],
  "lib/runtime/table": ["lib/contracts", "lib/runtime", "lib/runtime/lambda"],
  "lib/runtime/publish": ["lib/contracts", "lib/runtime", "lib/runtime/lambda"],
  "lib/runtime/lambda": ["lib/contracts", "lib/runtime"],
  "lib/runtime/telemetry": ["lib/contracts", "lib/runtime/lambda"],
  "lib/constructs": ["lib/contracts", "aws-cdk-lib"],
  "lib/stacks": ["lib/contracts", "lib/constructs", "aws-cdk-lib"],
  "lib/ops": ["lib/contracts", "lib/contracts/documents", "lib/runtime/**"],
  "lib/testing": ["lib/contracts", "lib/runtime/**", "lib/laptop"],

  // The laptop cloud: its root is the door and puts the rooms together; the rest knows AWS services by their interface alone.
  "lib/laptop": ["lib/laptop/**"],
  "lib/laptop/shared": [],
  "lib/laptop/assembly": ["lib/laptop/shared"],
  "lib/laptop/cloudformation": ["lib/laptop/assembly", "lib/laptop/shared"],
  "lib/laptop/iam": ["lib/laptop/shared"],
  "lib/laptop/services": ["lib/laptop/cloudformation", "lib/laptop/iam", "lib/laptop/shared"],
  "lib/laptop/chaos": ["lib/laptop/services", "lib/laptop/shared"],
  "lib/laptop/gateway": [
    "lib/laptop/chaos",
    "lib/laptop/iam",
    "lib/laptop/services",
    "lib/laptop/services/protocols",
    "lib/laptop/shared",
  ],
  "lib/laptop/services/protocols": ["lib/laptop/services", "lib/laptop/shared"],
  "lib/laptop/services/*": SERVICE,
  "lib/laptop/services/lambda": [...SERVICE, "lib/laptop/services/dynamodb", "lib/laptop/services/sqs"],

  events: ["lib/contracts"],
  "functions/*": ["lib/contracts", "lib/runtime", "events"],
  // The laptop cloud by its door alone.
  bin: [
    "lib/contracts/**",
    "lib/runtime/**",
    "lib/constructs/**",
    "lib/stacks",
    "lib/ops/**",
    "lib/testing",
    "lib/laptop",
    "events",
    "functions/*",
    "aws-cdk-lib",
  ],
  bench: ["lib/**", "events", "functions/*", "bin", "test", "aws-cdk-lib"],
  test: ["lib/**", "events", "functions/*", "bin", "bench", "aws-cdk-lib"],
};
