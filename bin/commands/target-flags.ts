import { option } from "./command.ts";

/** The flags by which commands choose a laptop cloud. */
export const laptopFlags = [
  option("--port <number>", "Port of the laptop cloud (default: 4566)"),
  option("--endpoint <url>", "Address of the laptop cloud (default: AWS_ENDPOINT_URL, or 127.0.0.1 at the port)"),
];

/** The flags by which commands choose a stage: the laptop cloud by default, or one in AWS by name. */
export const stageFlags = [
  option("--stage <name>", "A stage in AWS, with your credentials and region (default: the laptop cloud)"),
  ...laptopFlags,
];
