import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServiceDefinition } from "#lib/contracts/index.ts";

/**
 * Finds every service: the default export of each `functions/<name>/service.ts`.
 *
 * @param root the project's folder
 * @throws Error when such a file does not export a service of its folder's name.
 */
export async function findServices(root: string): Promise<ServiceDefinition[]> {
  const folders = readdirSync(join(root, "functions"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, "functions", entry.name, "service.ts")))
    .map((entry) => entry.name);
  return Promise.all(folders.map((folder) => readService(root, folder)));
}

async function readService(root: string, folder: string): Promise<ServiceDefinition> {
  const module: unknown = await import(pathToFileURL(join(root, "functions", folder, "service.ts")).href);
  const service = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  if (!isService(service))
    throw new Error(`functions/${folder}/service.ts: expected its default export to be made by defineService`);
  if (service.name !== folder) {
    throw new Error(
      `functions/${folder}/service.ts: its service is named "${service.name}": expected its folder's name, "${folder}"`,
    );
  }
  return service;
}

function isService(value: unknown): value is ServiceDefinition {
  return typeof value === "object" && value !== null && "name" in value && "consumes" in value && "publishes" in value;
}
