import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Where an engine listens. */
export interface EngineAddress {
  /** `127.83.12.9` or `::1`. */
  readonly host: string;
  readonly port: number;
}

/**
 * Ports that no browser connects to, whatever a page asks: the Fetch standard's "port blocking", held by all engines since 2021. Left out are
 * those whose own services run on developers' machines (NFS, SIP, X11), and 6679, to which Chromium connects all the same. See docs/decisions/engine-port.md.
 */
export const BLOCKED_PORTS: readonly number[] = [1719, 1720, 1723, 3659, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 10080];

/** macOS has these loopback addresses; Linux and Windows have all of 127.0.0.0/8. */
const MACOS_HOSTS = ["127.0.0.1", "::1"];

/** The whole address as a URL: `http://127.83.12.9:6667`. */
export function urlOf({ host, port }: EngineAddress): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * Loopback addresses that no web page can reach and nothing listens on now, in random order. Another process may take one before it is
 * used: go on to the next.
 */
export async function* hiddenAddresses(platform: string = process.platform): AsyncGenerator<EngineAddress> {
  const hosts = platform === "darwin" ? MACOS_HOSTS : undefined;
  const candidates = (hosts ?? [undefined]).flatMap((host) => BLOCKED_PORTS.map((port) => ({ host, port })));
  for (const { host = randomHost(), port } of shuffled(candidates)) {
    const address = { host, port };
    if (await isFree(address)) yield address;
  }
}

/** One of 16 million: `127.83.12.9`. */
function randomHost(): string {
  return `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, order: randomInt(2 ** 32) }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

async function isFree({ host, port }: EngineAddress): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
