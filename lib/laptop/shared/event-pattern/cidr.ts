import { BlockList, isIP } from "node:net";
import { InvalidPattern } from "./invalid-pattern.ts";

/**
 * The test of a text for an IP address of a subnet, such as `10.0.0.0/24`.
 *
 * @throws InvalidPattern as AWS words it
 */
export function cidr(subnet: string): (text: string) => boolean {
  const [address = "", bits, ...rest] = subnet.split("/");
  if (bits === undefined || rest.length > 0) throw new InvalidPattern("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d{1,9}$/.test(bits)) throw new InvalidPattern("Malformed CIDR, mask bits must be an integer");
  if (Number(bits) < 0) throw new InvalidPattern("Malformed CIDR, mask bits must not be negative");
  const version = isIP(address);
  if (version === 0) throw new InvalidPattern(`Nonstandard IP address: ${address}`);
  if (version === 4 && Number(bits) > 32) throw new InvalidPattern("IPv4 mask bits must be < 32");
  if (version === 6 && Number(bits) > 128) throw new InvalidPattern("IPv6 mask bits must be < 128");
  const family = version === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return (text) => isIP(text) === version && list.check(text, family);
}
