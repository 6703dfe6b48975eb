/**
 * The first blocks that an IPv4 block is cut into, as Fn::Cidr answers them.
 *
 * @param block `10.0.0.0/16`
 * @param hostBits how many bits of each address the blocks leave to hosts: 8 makes blocks of /24
 */
export function cidrBlocks(block: string, count: number, hostBits: number): string[] {
  const [address = ""] = block.split("/");
  const start = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return Array.from({ length: count }, (_, index) => `${dotted(start + index * 2 ** hostBits)}/${32 - hostBits}`);
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
