/**
 * The rooms of the repository, and which others each may import; itself it may always. A room is the folder of its name, less the rooms
 * below it. `functions/*` stands for each folder there. `<room>/**` allows the rooms below as well.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "lib/contracts": [],
  "lib/runtime": ["lib/contracts"],
  "lib/constructs": ["lib/contracts", "aws-cdk-lib"],
  "lib/stacks": ["lib/contracts", "lib/constructs", "aws-cdk-lib"],
  "lib/laptop": ["lib/laptop/**"],
  "lib/ops": ["lib/contracts", "lib/runtime"],
  "lib/testing": ["lib/contracts", "lib/runtime", "lib/laptop"],
  events: ["lib/contracts"],
  "functions/*": ["lib/contracts", "lib/runtime", "events"],
  bin: ["lib/**", "events", "functions/*", "aws-cdk-lib"],
  bench: ["lib/**", "events", "functions/*", "bin", "test", "aws-cdk-lib"],
  test: ["lib/**", "events", "functions/*", "bin", "bench", "aws-cdk-lib"],
};
