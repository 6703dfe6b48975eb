import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ServiceDefinition } from "#lib/contracts/index.ts";
import { loadServices } from "#lib/stacks/load-services.ts";

/** The names of all services: the folders in `functions/` that have a service.ts. */
export function serviceNames(root: string): string[] {
  return readdirSync(join(root, "functions"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, "functions", entry.name, "service.ts")))
    .map((entry) => entry.name);
}

/**
 * Finds every service, by its folder.
 *
 * @param root the project's folder
 * @throws ConfigurationError when a service.ts does not export a service of its folder's name.
 */
export function findServices(root: string): Promise<ServiceDefinition[]> {
  return loadServices(serviceNames(root), root);
}
