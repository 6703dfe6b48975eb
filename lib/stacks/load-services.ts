import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../constructs/configuration-error.ts";
import type { ServiceDefinition } from "../contracts/service.ts";

/**
 * Loads the definitions of services from their folders: the default export of `functions/<name>/service.ts`.
 *
 * @param names the services' folders in `functions/`
 * @param root the project's root, which holds `functions/`
 * @throws ConfigurationError that names the file, when one is missing, does not load or is not named like its folder.
 */
export function loadServices(names: readonly string[], root: string): Promise<ServiceDefinition[]> {
  return Promise.all(names.map((name) => loadService(name, root)));
}

async function loadService(name: string, root: string): Promise<ServiceDefinition> {
  const file = `functions/${name}/service.ts`;
  const path = join(root, file);
  if (!existsSync(path)) throw new ConfigurationError(`${file}: not found: a service's folder needs a service.ts`);
  const definition = defaultExport(await importFile(path, file));
  if (!isServiceDefinition(definition)) {
    throw new ConfigurationError(`${file}: expected its default export to be made by defineService`);
  }
  if (definition.name !== name) {
    throw new ConfigurationError(`${file}: the service is named "${definition.name}": expected "${name}", like its folder`);
  }
  return definition;
}

async function importFile(path: string, file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new ConfigurationError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function defaultExport(module: unknown): unknown {
  return typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
}

function isServiceDefinition(value: unknown): value is ServiceDefinition {
  return typeof value === "object" && value !== null && "consumes" in value && "publishes" in value && "owns" in value;
}
