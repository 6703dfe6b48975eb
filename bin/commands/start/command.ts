import { type CommandDescription, option } from "../command.ts";

export const startCommand: CommandDescription = {
  name: "start [...stacks]",
  description: "Run the whole system on this machine: bundle, synthesize, and start the laptop cloud.",
  options: [
    option("--port <number>", "Port to listen on, on 127.0.0.1 (default: 4566)"),
    option("--persist", "Keep queues, tables and parameters across restarts, in .fanfare/"),
    option("--dynamodb <endpoint>", "Use this DynamoDB instead of the one that comes with Fanfare"),
    option("--parameter <name=value>", "Set an SSM parameter or a template's parameter; repeatable", { repeatable: true }),
    option(
      "--assembly <folder>",
      "Run this cloud assembly instead of synthesizing: any CDK app's cdk.out; all its stacks, or those named",
    ),
    option("--iam <mode>", "Calls that the templates' IAM policies deny: enforce, report, or off (default: enforce)"),
  ],
  examples: [
    "fanfare start --persist",
    "fanfare start --assembly ../shop/cdk.out Dev/Orders 'Dev/*Images'",
    "fanfare start --port 5000 --parameter /fanfare/dev/payments/PAYMENT_PROVIDER_URL=http://127.0.0.1:9000",
  ],
  run: async (stacks, options) => (await import("./start.ts")).start(stacks, options),
};
