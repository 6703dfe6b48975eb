import { isIPv4 } from "node:net";
import { CloudError } from "../../shared/errors.ts";

/**
 * The first blocks that an IPv4 block is cut into, as Fn::Cidr answers them.
 *
 * @param block `10.0.0.0/16`
 * @param count 1 to 256: AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr
 * @param hostBits how many bits of each address the blocks leave to hosts: 8 makes blocks of /24
 * @param stackName for errors
 * @throws CloudError for what CloudFormation refuses
 */
export function cidrBlocks(block: string, count: number, hostBits: number, stackName: string): string[] {
  const refuse = (what: string, expected: string) =>
    new CloudError(`Stack ${stackName} has ${what} in Fn::Cidr: expected ${expected}.`);
  if (!Number.isInteger(count) || count < 1 || count > 256) throw refuse(`the count ${count}`, "1 to 256");
  if (!Number.isInteger(hostBits) || hostBits < 1 || hostBits > 32) throw refuse(`${hostBits} cidrBits`, "1 to 32 for IPv4");
  const [address = ""] = block.split("/");
  if (!isIPv4(address)) throw refuse(`the block ${block}`, "an IPv4 block such as 10.0.0.0/16");
  const start = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return Array.from({ length: count }, (_, index) => `${dotted(start + index * 2 ** hostBits)}/${32 - hostBits}`);
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
